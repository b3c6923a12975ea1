"""Vocabularies: lists of words for the knowledge graph, read from files or shipped."""
