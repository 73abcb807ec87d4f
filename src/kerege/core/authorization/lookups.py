"""Lookup `pk__among=rows`: filters like `pk__in=rows`, and lets PostgreSQL use an index beside an OR.

Rules combine "of the actor's agency" and "among these few rows" with OR. With IN, PostgreSQL scans the whole table
and tests each row. With an array, it reads the ids first and looks them up in the index.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Field, ForeignKey
from django.db.models.lookups import In


@ForeignKey.register_lookup
@Field.register_lookup
class Among(In):
    """IN for a query of one column; on PostgreSQL `= ANY(ARRAY(query))`."""

    lookup_name = "among"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL and its parameters, with the ids as an array."""
        row, row_params = self.process_lhs(compiler, connection)
        ids, ids_params = self.process_rhs(compiler, connection)
        return f"{row} = ANY(ARRAY{ids})", (*row_params, *ids_params)
