"""Bayesian estimates: decomposable graphs, latent classes, thresholded log-linear models."""
