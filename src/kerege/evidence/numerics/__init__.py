"""Numerical tools that several parts share: compiled functions, the HiGHS solver, time limits."""
