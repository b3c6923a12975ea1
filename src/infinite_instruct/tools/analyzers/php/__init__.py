"""PHP: its own parser."""
