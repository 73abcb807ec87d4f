"""Snapshots of the register."""
