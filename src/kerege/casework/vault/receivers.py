"""What the vault does when keys are rotated, the index is rebuilt, or somebody asks which keys are needed; drafts."""

from __future__ import annotations

from datetime import datetime

from kerege.casework.vault import draft_middleware, drafts, erasure_log, services, stored
from kerege.casework.vault.models import IndexEntry
from kerege.core import access, health, keys
from kerege.core.jobs.registry import every
from kerege.linkage.people import index_version

keys.on_rotate(services.rewrap)
keys.on_reindex(services.reindex)
keys.on_used(services.used_keys)
access.keep_typing(draft_middleware.around, draft_middleware.signed_out)


@health.advise
def search_index() -> health.Check:
    """The search index was made by the tables and rules that searching uses now."""
    with access.wall.beyond("whether the index is of another version; nothing in it is read"):
        old = IndexEntry.objects.exclude(fold_version=index_version()).exists()
    if old:
        words = "made by another version, some people are not found: run kerege keys reindex"
        return health.Check("search index", "warn", words)
    return health.Check("search index", "ok", index_version())


@every("drafts.purge", hours=1)
def purge_drafts(now: datetime) -> None:
    """Drafts that nobody came back for are removed."""
    drafts.purge(now)


every("uploads.sweep", hours=1)(stored.sweep)


@every("erasures.log", days=1)
def log_erasures(now: datetime) -> None:
    """A line that a crash kept out of the log of erasures is written now."""
    erasure_log.write()
