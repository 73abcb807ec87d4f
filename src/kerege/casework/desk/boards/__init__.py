"""Boards of staff: charts of true counts, and of protected counts for the ministry."""
