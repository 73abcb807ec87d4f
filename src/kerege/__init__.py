"""Kerege: the information system of a national counter-trafficking programme."""

__version__ = "0.1.0"
