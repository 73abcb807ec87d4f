"""Cache of a matching run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from kerege.casework.vault.queries.batch_search import BatchSearch
from kerege.casework.vault.queries.candidate_search import Opened, count_records, records_of_agency

# decrypted records that a run keeps at most
MOST_OPEN = 5000


@dataclass
class MatchCache:
    """Cache of one run: records and pairs compared, decrypted values, sizes; `search` if counts are known."""

    seen: set[UUID] = field(default_factory=set)
    # the records that were scored with a record, by its id
    scored_with: defaultdict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    opened: dict[UUID, Opened] = field(default_factory=dict)
    sizes: dict[UUID, int] = field(default_factory=dict)
    search: BatchSearch | None = None

    def size_of(self, agency_id: UUID) -> int:
        """Return the number of records of an agency, counted once per run."""
        if agency_id not in self.sizes:
            self.sizes[agency_id] = count_records(records_of_agency(agency_id))
        return self.sizes[agency_id]

    def forget(self, record_ids: Collection[UUID]) -> None:
        """Drop the scores of records that wait again within the run."""
        again = self.seen & set(record_ids)
        self.seen -= again
        for record_id in again:
            self.scored_with.pop(record_id, None)
            for others in self.scored_with.values():
                others.discard(record_id)

    def turn(self, record_ids: Collection[UUID]) -> None:
        """Mark a batch as done, and drop decrypted values when there are too many."""
        self.seen |= set(record_ids)
        if len(self.opened) > MOST_OPEN:
            self.opened.clear()
