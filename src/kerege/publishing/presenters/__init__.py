"""View models: the contents of a release as its pages show them."""
