"""Prompt packs: every prompt is a file."""
