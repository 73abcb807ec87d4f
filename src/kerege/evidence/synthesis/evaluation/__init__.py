"""Utility and disclosure risk of synthetic records, and the report page."""
