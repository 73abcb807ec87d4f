"""Follows the key ring."""

from __future__ import annotations

from kerege.casework.vault import services
from kerege.core import keys

keys.on_rotate(services.rewrap)
keys.on_reindex(services.reindex)
keys.on_used(services.used_keys)
