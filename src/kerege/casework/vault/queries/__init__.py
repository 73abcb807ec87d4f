"""Queries of the vault."""
