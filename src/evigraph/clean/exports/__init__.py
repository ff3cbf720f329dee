"""What reference managers and databases export, read into records."""
