"""One file a version of the ledger's schema."""
