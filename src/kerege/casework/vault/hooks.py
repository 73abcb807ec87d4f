"""What the vault does when keys are rotated, the index is rebuilt, or somebody asks which keys are needed; drafts."""

from __future__ import annotations

from datetime import datetime

from kerege.casework.vault import drafts, erasure_log, keeping, services, stored
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


every("uploads.sweep", hours=1)(stored.sweep)


@every("erasures.log", days=1)
def log_erasures(now: datetime) -> None:
    """A line that a crash kept out of the log of erasures is written now."""
    erasure_log.write()
