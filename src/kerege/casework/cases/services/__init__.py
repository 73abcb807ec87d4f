"""Services that write to a case: one module for each feature."""
