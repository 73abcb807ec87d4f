"""Protection of several tables of the same people together, by several means."""
