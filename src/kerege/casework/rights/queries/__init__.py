"""Reads of the rights app."""
