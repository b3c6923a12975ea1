"""SQL: the parsers of its dialects."""
