"""Models of the rights app."""

from __future__ import annotations

from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep

__all__ = ["CountryStay", "StayRight", "StayStep"]
