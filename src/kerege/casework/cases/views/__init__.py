"""Pages of the app cases."""
