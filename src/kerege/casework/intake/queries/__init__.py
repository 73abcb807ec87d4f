"""Queries of intake."""
