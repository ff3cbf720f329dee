"""Reviews that were published in this graph, read into records."""
