"""Estimates by strata of covariates that only some lists record."""
