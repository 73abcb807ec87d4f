"""Estimates by strata of covariates."""
