"""OpenAlex works, read into records."""
