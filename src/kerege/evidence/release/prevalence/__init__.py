"""Estimates of the unobserved population in a release: computation, rounding and files."""
