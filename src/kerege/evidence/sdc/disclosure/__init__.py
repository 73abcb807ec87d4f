"""Disclosure risk assessment: what an intruder learns from a set of publications."""
