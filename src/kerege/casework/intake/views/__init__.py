"""Pages of signals, screenings and decisions."""
