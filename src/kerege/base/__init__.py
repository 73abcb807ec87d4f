"""Helpers that any package may use: errors with place and remedy, files, keys, signatures, CSV cells."""
