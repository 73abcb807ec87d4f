"""Comparisons of synthetic records with real ones beside the counts: models, subgroups and trends.

Each has the same figure for other real people (the holdout) beside it, or states why there is none.
"""
