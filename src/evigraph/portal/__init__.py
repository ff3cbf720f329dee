"""HTTP only: pages and API."""
