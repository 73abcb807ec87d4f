"""Pages of record linkage."""
