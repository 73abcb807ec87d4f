"""K-anonymous synthetic records: each combination occurs at least k times in the original."""
