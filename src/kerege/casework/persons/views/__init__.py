"""Pages of who is the same person."""
