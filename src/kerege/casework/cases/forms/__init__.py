"""Forms of the app cases."""
