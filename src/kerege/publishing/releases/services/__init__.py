"""Writes of releases: compose, check, approve, deputies."""
