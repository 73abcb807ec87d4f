"""Measurement of noisy marginals, the only information that the synthesiser takes from records."""
