"""The report of a review: guidelines filled from what was decided, and the archive of everything."""
