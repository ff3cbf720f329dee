"""Pages that exchange coding with other software."""
