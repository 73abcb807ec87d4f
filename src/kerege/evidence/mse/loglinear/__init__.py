"""Log-linear models: fit, existence, selection and bootstrap."""
