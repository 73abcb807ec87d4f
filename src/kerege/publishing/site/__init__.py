"""Public pages of the report and of the releases."""
