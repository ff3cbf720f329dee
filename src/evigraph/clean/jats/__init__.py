"""JATS full text, read into records."""
