"""Writes of the rights app."""
