"""Judged pairs of a linkage: a sample, the answers of people, and the rates that they show."""
