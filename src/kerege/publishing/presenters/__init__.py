"""Values of a release as a page shows them."""
