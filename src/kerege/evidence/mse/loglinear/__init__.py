"""Poisson log-linear models: fit, existence of the estimate, model selection and bootstrap."""
