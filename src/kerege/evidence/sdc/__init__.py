"""Statistical disclosure control of frequency tables."""
