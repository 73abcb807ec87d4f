"""Fellegi-Sunter linkage: model, training, blocking, scoring and clustering."""
