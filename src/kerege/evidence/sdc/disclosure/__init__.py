"""Disclosure risk assessment: the disclosures that follow from a set of publications."""
