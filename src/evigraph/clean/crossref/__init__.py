"""Crossref works, read into records."""
