"""Releases over several years and their shared privacy budget."""
