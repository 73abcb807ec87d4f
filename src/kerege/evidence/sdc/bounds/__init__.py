"""Bounds of cells and groups: presolve, linear programs, and whole numbers that fit all rules."""
