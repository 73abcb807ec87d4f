"""Writes about persons: matching, review, merge and unmerge."""
