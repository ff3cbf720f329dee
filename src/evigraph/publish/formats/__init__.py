"""Products and records in the formats of reference managers and databases."""
