"""Import and export of HTCDS files."""
