"""Forms of signals, screenings and of what goes with a decision."""
