"""Coordination of the programme: plan of measures, commissions, regional risk; no record of a person."""
