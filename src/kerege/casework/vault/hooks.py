"""What the vault does when keys are rotated, the index is rebuilt, or somebody asks which keys are needed; drafts."""

from __future__ import annotations

from datetime import datetime

from kerege.casework.vault import drafts, keeping, services
from kerege.core import access, keys
from kerege.core.jobs.registry import every

keys.on_rotate(services.rewrap)
keys.on_reindex(services.reindex)
keys.on_used(services.used_keys)
access.keep_typing(keeping.around, keeping.signed_out)


@every("drafts.purge", hours=1)
def purge_drafts(now: datetime) -> None:
    """Drafts that nobody came back for are removed."""
    drafts.purge(now)
