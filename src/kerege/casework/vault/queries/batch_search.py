"""Candidate search for batches of records: a few queries for each batch, not for each record.

The counts of the index are known, and the records that share a token are read once for all records of a run that have
it. The result is that of `candidate_search.scored` for each record, with the records of its agency and without them.

A pair that an earlier run scored is left out where nothing changed since then. The earlier run scored the best
candidates of that time. They are the best of the present ones without the changed records, if the number of records
left for each token is the number of that time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from kerege.casework.vault.queries.candidate_search import (
    MOST_COUNTED,
    MOST_SHARING,
    SCORED,
    NameCounts,
    Opened,
    Scored,
    SearchTerms,
    Value,
    as_value,
    match_opened,
    open_many,
    rank_records,
    search_terms,
    weigh_key,
)
from kerege.casework.vault.queries.index_counts import IndexCounts, as_uuid
from kerege.core.authorization import session_scope

# bytes of record ids that a run keeps at most
MOST_KEPT = 64_000_000
ID = 16

# records of tokens, by agency, as joined hexadecimal ids
POSTINGS = """SELECT e.token, r.agency_id, {} FROM vault_indexentry e
    JOIN vault_identityrecord r ON r.id = e.record_id WHERE e.token IN ({}){} GROUP BY e.token, r.agency_id"""
AT_AGENCY = " AND r.agency_id = %s"
JOINED = {
    "postgresql": "string_agg(replace(e.record_id::text, '-', ''), '')",
    "sqlite": "group_concat(e.record_id, '')",
}


@dataclass(frozen=True)
class _Search:
    """One search for a record: its best candidates, and the counts of its names."""

    candidates: Sequence[UUID]
    counts: NameCounts
    records: int


@dataclass(frozen=True)
class Earlier:
    """State of earlier runs.

    `counts` holds the encoded counts (`IndexCounts.encode`) at the last run that scored a record, for unchanged records
    whose names weigh as they did then. `changed` holds the ids of the records that are new or changed.
    """

    counts: Mapping[UUID, bytes] = field(default_factory=dict)
    changed: Collection[bytes] = frozenset()


@dataclass(frozen=True)
class _Shared:
    """Records that share a token with a record, at its agency and elsewhere, and their encoded counts.

    No ids are known where the token is not used.
    """

    own: Sequence[bytes]
    others: Sequence[bytes]
    own_count: int
    count: int

    def at_agency(self) -> tuple[float, Sequence[bytes]]:
        """Return the weight of the token at the agency, and its records there."""
        return (weigh_key(len(self.own)), self.own) if _is_used(self.own_count) else (0.0, ())

    def elsewhere(self) -> tuple[float, Sequence[bytes]]:
        """Return the weight of the token in the register, and its records at other agencies."""
        return (weigh_key(len(self.own) + len(self.others)), self.others) if _is_used(self.count) else (0.0, ())

    def without(self, changed: Collection[bytes]) -> _Shared:
        """Return the token without records that changed."""
        own, others = ([pk for pk in ids if pk not in changed] for ids in (self.own, self.others))
        return _Shared(own, others, self.own_count, self.count)

    def sizes(self) -> tuple[int, int]:
        """Return the number of records at the agency and in the register; the count of a token not used."""
        own = len(self.own) if _is_used(self.own_count) else self.own_count
        return own, len(self.own) + len(self.others) if _is_used(self.count) else self.count


@dataclass
class _Postings:
    """Ids of the records that have a token: of all agencies, or of one for a token that is too common."""

    everywhere: dict[bytes, dict[UUID, bytes]] = field(default_factory=dict)
    at_agency: defaultdict[UUID, dict[bytes, bytes]] = field(default_factory=lambda: defaultdict(dict))
    size: int = 0

    def read(self, tokens: Collection[bytes]) -> None:
        """Read the records of tokens, at all agencies."""
        missing = sorted(set(tokens) - self.everywhere.keys())
        self.everywhere |= {token: {} for token in missing}
        for token, agency_id, record_ids in _read_rows(missing):
            self.everywhere[token][agency_id] = record_ids
            self.size += len(record_ids)

    def read_at(self, agency_id: UUID, tokens: Collection[bytes]) -> None:
        """Read the records of tokens at one agency."""
        known = self.at_agency[agency_id]
        for token, _, record_ids in _read_rows(sorted(set(tokens) - known.keys()), agency_id):
            known[token] = record_ids
            self.size += len(record_ids)

    def forget(self) -> None:
        """Drop everything."""
        self.everywhere.clear()
        self.at_agency.clear()
        self.size = 0


class BatchSearch:
    """Candidate search of one run. `opened` is its cache of decrypted records and receives new ones."""

    def __init__(
        self, counts: IndexCounts, opened: MutableMapping[UUID, Opened], earlier: Earlier | None = None
    ) -> None:
        self._counts, self._opened, self._postings = counts, opened, _Postings()
        self._earlier = earlier or Earlier()
        self._searches: dict[UUID, tuple[_Search, _Search]] = {}

    def read(self, records: Collection[Opened]) -> None:
        """Find the candidates of a batch of records, and decrypt them."""
        terms = {record.id: search_terms(record.attributes) for record in records}
        self._read_postings(records, terms)
        self._searches = {record.id: self._search(record, terms[record.id]) for record in records}
        candidates = {pk for searches in self._searches.values() for search in searches for pk in search.candidates}
        self._opened.update(open_many(candidates - self._opened.keys()))

    def scored(self, record: Opened, done: Collection[UUID]) -> list[Scored]:
        """Return the candidates of a record at its agency, then elsewhere, without records `done`."""
        return [row for search in self._searches[record.id] for row in self._score(record, search, done)]

    def _score(self, record: Opened, search: _Search, done: Collection[UUID]) -> list[Scored]:
        """Return the candidates of one search with their matches."""
        opened = [self._opened[pk] for pk in search.candidates if pk not in done and pk in self._opened]
        return match_opened(record.rows, opened, search.counts, search.records) if opened else []

    def _read_postings(self, records: Iterable[Opened], terms: Mapping[UUID, SearchTerms]) -> None:
        """Read the records that share the usable tokens of a batch."""
        if self._postings.size > MOST_KEPT:
            self._postings.forget()
        everywhere, at_agency = set[bytes](), defaultdict[UUID, set[bytes]](set)
        for record in records:
            searched = terms[record.id].searched
            used = set(_select_used(searched, self._counts.sharing))
            everywhere |= used
            at_agency[record.agency_id].update(set(_select_used(searched, self._counts.at(record.agency_id))) - used)
        with session_scope.bypass_row_security("a matching run compares the records of all agencies"):
            self._postings.read(everywhere)
            for agency_id, tokens in at_agency.items():
                self._postings.read_at(agency_id, tokens)

    def _search(self, record: Opened, terms: SearchTerms) -> tuple[_Search, _Search]:
        """Return the search among the records of the agency, and the one in the register without them."""
        shared = [self._share(record.agency_id, token) for token in terms.searched]
        own, others = _find_best(shared, record.id.bytes)
        done = self._list_scored_earlier(record.id, shared)
        return (
            self._build(terms, record.agency_id, [pk for pk in own if pk not in done]),
            self._build(terms, None, [pk for pk in others if pk not in done]),
        )

    def _share(self, agency_id: UUID, token: bytes) -> _Shared:
        """Return the records that share a token with a record of an agency."""
        by_agency = self._postings.everywhere.get(token, {})
        own = by_agency.get(agency_id) or self._postings.at_agency[agency_id].get(token, b"")
        others = [pk for agency, joined in by_agency.items() if agency != agency_id for pk in _split(joined)]
        counts = (min(at.get(token, 1), MOST_SHARING + 1) for at in (self._counts.at(agency_id), self._counts.sharing))
        return _Shared(_split(own), others, *counts)

    def _list_scored_earlier(self, record_id: UUID, shared: Sequence[_Shared]) -> set[bytes]:
        """Return the unchanged records that the last run for a record scored; none where that is not certain."""
        counts = self._earlier.counts.get(record_id, b"")
        if len(counts) < 2 * len(shared):
            return set()
        before = [token.without(self._earlier.changed) for token in shared]
        if any(token.sizes() != (counts[2 * n], counts[2 * n + 1]) for n, token in enumerate(before)):
            return set()
        return set().union(*_find_best(before, record_id.bytes))

    def _build(self, terms: SearchTerms, agency_id: UUID | None, candidates: Sequence[bytes]) -> _Search:
        """Return a search at an agency or in the register, with the candidates to score."""
        counts = self._counts.at(agency_id)
        rows = ((number, min(counts.get(token, 1), MOST_COUNTED)) for number, token in enumerate(terms.named))
        records = self._counts.records if agency_id is None else self._counts.records_of.get(agency_id, 0)
        return _Search([UUID(bytes=pk) for pk in candidates], terms.count_names(rows), records)


def _is_used(count: int) -> bool:
    """Return whether a search finds others by a token: several records share it, and not too many."""
    return 1 < count <= MOST_SHARING


def _select_used(tokens: Iterable[bytes], counts: Mapping[bytes, int]) -> Iterator[bytes]:
    """Yield the tokens that a search uses."""
    return (token for token in tokens if _is_used(counts.get(token, 1)))


def _find_best(shared: Sequence[_Shared], own_id: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the best candidates of a record at its agency and elsewhere."""
    own, others = (
        rank_records(token.at_agency() for token in shared),
        rank_records(token.elsewhere() for token in shared),
    )
    return [pk for pk in own[: SCORED + 1] if pk != own_id][:SCORED], others[:SCORED]


def _split(joined: bytes) -> list[bytes]:
    """Return the ids of a joined text."""
    return [joined[start : start + ID] for start in range(0, len(joined), ID)]


def _read_rows(tokens: Sequence[bytes], agency_id: UUID | None = None) -> Iterator[tuple[bytes, UUID, bytes]]:
    """Yield tokens, agencies and the joined ids of the records, of all agencies or of one."""
    if not tokens:
        return
    values: list[Value] = [*tokens, *([] if agency_id is None else [as_value(agency_id)])]
    places, condition = ", ".join(["%s"] * len(tokens)), "" if agency_id is None else AT_AGENCY
    with connection.cursor() as cursor:
        cursor.execute(POSTINGS.format(JOINED[connection.vendor], places, condition), values)
        for token, agency, joined in cursor.fetchall():
            yield bytes(token), as_uuid(agency), bytes.fromhex(joined)
