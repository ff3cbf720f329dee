"""World to payload: one file a source, resumable."""
