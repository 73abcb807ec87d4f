"""Health check of the version of the search index."""

from __future__ import annotations

from kerege.base.registry import Entry
from kerege.casework.vault.models.identities import IndexEntry
from kerege.core import health
from kerege.core.authorization import session_scope
from kerege.core.health import health_checks
from kerege.linkage.register_matching import index_version


def search_index() -> health.Check:
    """Check that every entry of the search index has the version that searching uses."""
    with session_scope.bypass_row_security("the check reads only the version of the index"):
        old = IndexEntry.objects.exclude(fold_version=index_version()).exists()
    if old:
        words = "made by another version, some people are not found: run kerege keys reindex"
        return health.Check("search index", "warn", words)
    return health.Check("search index", "ok", index_version())


health_checks.add(Entry("search index", search_index))
