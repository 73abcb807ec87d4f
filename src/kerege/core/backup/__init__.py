"""Backups of database, uploads, releases and ledger in one file.

A second, encrypted file holds the keys.

Keep the two files apart. Without the key file, a restored register has codes but no readable identity.
"""

from __future__ import annotations

from kerege.core.backup.archive import Contents, pack, unpack
from kerege.core.backup.key_file import open_keys, seal_keys

__all__ = ["Contents", "open_keys", "pack", "seal_keys", "unpack"]
