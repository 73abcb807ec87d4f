"""Statistics for the agencies and the coordinator."""
