"""DataCite DOIs, read into records."""
