"""Data extraction: forms in versions, two people's values with their places, and what stands of them."""
