"""Synthetic records of which each combination occurs at least k times in the original."""
