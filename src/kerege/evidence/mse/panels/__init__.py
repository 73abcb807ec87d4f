"""Panel of all methods, sensitivity analysis, and publication rules."""
