"""Release folders and snapshots on disk."""
