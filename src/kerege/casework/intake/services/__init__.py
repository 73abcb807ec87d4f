"""Writes of intake: signals, screening, identification."""
