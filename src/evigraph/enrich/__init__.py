"""Product to relation: citations, retractions."""
