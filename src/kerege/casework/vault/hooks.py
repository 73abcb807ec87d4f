"""What the vault does when keys are rotated, the index is rebuilt, or somebody asks which keys are needed."""

from __future__ import annotations

from kerege.casework.vault import services
from kerege.core import keys

keys.on_rotate(services.rewrap)
keys.on_reindex(services.reindex)
keys.on_used(services.used_keys)
