"""Headline of an estimate: the floor, the top under a stated condition, and their sensitivity."""
