"""What is kept and how it is read back: releases, ledger, search index."""
