"""`pk__among=rows` narrows like `pk__in=rows`, and lets PostgreSQL use an index beside an OR.

Rules say *of the actor's agency, or among these few*. With IN, PostgreSQL walks through the whole table and asks of
each row whether it is among them; from an array that it reads first it looks them up.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Field, ForeignKey
from django.db.models.lookups import In


@ForeignKey.register_lookup
@Field.register_lookup
class Among(In):
    """Like IN, of a query with one column; on PostgreSQL `= ANY(ARRAY(query))`."""

    lookup_name = "among"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The ids as an array."""
        row, row_params = self.process_lhs(compiler, connection)
        ids, ids_params = self.process_rhs(compiler, connection)
        return f"{row} = ANY(ARRAY{ids})", (*row_params, *ids_params)
