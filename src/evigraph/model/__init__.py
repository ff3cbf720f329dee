"""The field's nouns: identifiers, vocabularies, and the contracts of all tables."""
