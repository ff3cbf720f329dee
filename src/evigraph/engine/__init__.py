"""Where set expressions run: the Engine protocol, DuckDB and Spark."""
