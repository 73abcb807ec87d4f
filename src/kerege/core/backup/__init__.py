"""Backups: database, uploads, releases and ledger in one file; the keys sealed in another, to be kept elsewhere.

A lost key is a lost person: without the key file a restored register holds codes, but nobody's name.
"""

from __future__ import annotations

from kerege.core.backup.archive import Contents, pack, unpack
from kerege.core.backup.key_file import open_keys, seal_keys

__all__ = ["Contents", "open_keys", "pack", "seal_keys", "unpack"]
