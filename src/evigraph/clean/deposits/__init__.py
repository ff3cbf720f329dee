"""Open copies that people deposited from this graph, read into records."""
