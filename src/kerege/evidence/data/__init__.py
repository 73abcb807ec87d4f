"""The snapshot file: its format, its rows as text, and the hash of its contents."""
