"""Generation of synthetic records from noisy counts."""
