"""The text itself, judged in this process."""
