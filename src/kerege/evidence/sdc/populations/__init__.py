"""Populations: which published tables count the same people, at which times and with which codes."""
