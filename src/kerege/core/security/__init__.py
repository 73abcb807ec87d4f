"""Keys of the installation."""
