"""Forms of the rights app."""
