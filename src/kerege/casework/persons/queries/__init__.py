"""Reads about persons: the review queue, pairs side by side, links, quality."""
