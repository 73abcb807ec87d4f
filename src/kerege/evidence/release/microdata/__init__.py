"""Synthetic microdata of a release: generation, companion files, other publications."""
