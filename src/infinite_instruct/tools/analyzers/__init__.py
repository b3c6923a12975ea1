"""Static analyzers, one module per language family."""
