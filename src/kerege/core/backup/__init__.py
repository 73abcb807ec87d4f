"""Backups of database, uploads, releases and ledger in one encrypted file.

A second file holds the keys, encrypted with a passphrase. Keep the two files apart: without the key file nothing of the
backup can be read.
"""

from __future__ import annotations

from kerege.core.backup.archive import BackupManifest, move_in, pack, unpack, verify
from kerege.core.backup.key_file import open_keys, seal_keys

__all__ = ["BackupManifest", "move_in", "open_keys", "pack", "seal_keys", "unpack", "verify"]
