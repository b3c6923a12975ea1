"""From real source code to snippets."""
