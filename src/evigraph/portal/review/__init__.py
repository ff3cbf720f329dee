"""The pages of systematic reviews. What may be done, and what stands, is `evigraph.review`; here is HTTP only."""
