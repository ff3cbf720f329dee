"""Pages of data extraction."""
