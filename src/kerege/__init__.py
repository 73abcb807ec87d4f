"""Kerege: the information system of a national counter-trafficking programme."""

from kerege.base import extras

__version__ = "0.1.0"

extras.guard()
