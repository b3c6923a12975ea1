"""Lua: its own parser."""
