"""Everything to release: freeze, check, index; formats."""
