"""Deterministic tools: no model, no prompt."""
