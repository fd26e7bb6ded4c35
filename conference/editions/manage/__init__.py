"""Pages of an edition's staff, and of administrators."""
