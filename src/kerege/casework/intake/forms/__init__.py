"""Forms of signals, screenings, decision requests, notifications and reviews."""
