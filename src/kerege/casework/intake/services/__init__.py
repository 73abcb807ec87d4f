"""Services of intake: signals, screening, identification."""
