"""Registries: organizations, funders, journals, retractions, linking ISSNs, vocabularies."""
