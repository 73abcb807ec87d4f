"""Queries about persons: review queue, pair cards, record comparison, links, quality."""
