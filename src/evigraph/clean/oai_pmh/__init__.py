"""Answers of OAI-PMH repositories, read into records."""
