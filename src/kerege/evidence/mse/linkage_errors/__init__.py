"""Corrections of lists for missed links and false links."""
