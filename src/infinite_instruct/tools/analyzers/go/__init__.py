"""Go: the standard library's type checker and vet."""
