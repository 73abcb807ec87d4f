"""Generation of the demo programme from a seed: people, cases, services and figures as plain values."""
