"""Ruby: its own parser."""
