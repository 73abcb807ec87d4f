"""Read operations of assistance."""
