"""Groups of people by conditions on published columns, and the search for those that are too small."""
