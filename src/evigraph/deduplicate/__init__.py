"""Record to product: block, compare, cluster, merge."""
