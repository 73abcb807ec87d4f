"""Writes to the vault."""
