"""Release files and snapshots on disk."""
