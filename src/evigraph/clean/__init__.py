"""Payload to record: one pure crosswalk a source, shared field cleaning, named defects."""
