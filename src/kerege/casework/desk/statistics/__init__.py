"""Monthly and programme counts."""
