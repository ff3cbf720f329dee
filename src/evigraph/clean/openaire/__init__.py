"""Entities and relations of the OpenAIRE Graph, read into records."""
