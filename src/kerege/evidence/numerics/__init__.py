"""Numerical tools of several packages: compiled functions and time limits."""
