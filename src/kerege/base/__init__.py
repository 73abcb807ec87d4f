"""Helpers without a subject of their own: errors with place and remedy, files, keys, signatures, CSV guards."""
