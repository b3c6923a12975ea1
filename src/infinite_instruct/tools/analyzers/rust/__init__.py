"""Rust: rustc."""
