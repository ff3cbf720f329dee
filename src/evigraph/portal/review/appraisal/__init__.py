"""Pages of critical appraisal."""
