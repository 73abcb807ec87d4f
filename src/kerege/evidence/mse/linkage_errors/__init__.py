"""Corrections for missed and false links between lists."""
