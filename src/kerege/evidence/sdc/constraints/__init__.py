"""One linear system of everything that a reader can derive from published tables."""
