"""Publication: a finished review as a work of the graph."""
