"""Estimates of the undetected as a part of a release: what is asked for, how it is made, and what of it is told."""
