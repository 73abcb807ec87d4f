"""The Fellegi-Sunter model: training, blocking, scoring, clusters."""
