"""Queries about cases."""
