"""Pages of the plan of measures."""
