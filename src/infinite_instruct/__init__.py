"""Infinite-Instruct: source code in, verified code-instruction data out."""
