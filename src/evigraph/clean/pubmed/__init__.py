"""PubMed articles, read into records."""
