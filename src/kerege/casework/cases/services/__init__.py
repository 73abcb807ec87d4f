"""Writes to a case, one module a feature."""
