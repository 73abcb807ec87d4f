"""Differentially private tables and zCDP accounting."""
