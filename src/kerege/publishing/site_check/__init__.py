"""Checks of an exported public site, which read its files only."""
