"""OpenCitations Meta and Index, read into records and citations."""
