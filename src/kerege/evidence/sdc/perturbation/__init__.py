"""The cell key method: deterministic noise from record keys and a perturbation table."""
