"""A reviewer's library: exported references in, the kept set, its evidence and the PRISMA numbers out. No graph."""
