"""Synthetic records made from noisy counts."""
