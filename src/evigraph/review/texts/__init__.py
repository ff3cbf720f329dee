"""Full texts as they are read: one canonical text of each, and places in it."""
