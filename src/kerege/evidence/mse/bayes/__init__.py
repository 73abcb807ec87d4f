"""Bayesian estimates: decomposable graphs, latent classes, thresholded models."""
