"""Noisy marginal counts: the only information that the synthesiser takes from the rows."""
