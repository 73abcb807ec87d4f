"""Disclosure risk assessment: the intruder against a set of publications."""
