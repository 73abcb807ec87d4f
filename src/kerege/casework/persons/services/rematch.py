"""Nightly rematch of the records for which something changed since their last match.

The result equals that of a full rematch (`match_run.rematch`), also where a search meets its limits. The search for a
record depends on the records that share its blocking keys, on the counts of its names, and on the numbers of records.
The run compares these counts with those of the record's last match, and takes a record when

- it has a new version, or no night has matched it;
- it was linked or unlinked, or a decision about it ended;
- it shares a blocking key with such a record, in the register or at its agency, or the number of records that share one
  changed;
- a count of its names fell, or the step of the number of records of its agency or of the register changed;
- the linkage model, the blocking rules or the keys of the index changed;
- a count of its names rose and it has a stored pair: more bearers of a name only lower a match weight, so that no new
  pair can arise;
- it has an open pair with a common document, which an earlier run did not link;
- an earlier night took it and did not reach it.

Of the pairs of a record taken, those that its last match scored are left out where neither record changed
(`batch_search.Earlier`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from kerege.casework.persons.models import MatchBasis, MatchCandidate, PairDecision
from kerege.casework.persons.services.match_cache import MatchCache
from kerege.casework.persons.services.match_run import (
    MATCHING,
    MOVING,
    MatchRunCounts,
    active_records,
    batches,
    match_batch,
    recorded_run,
)
from kerege.casework.persons.thresholds import MOST_A_NIGHT
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion, Membership
from kerege.casework.vault.queries.batch_search import BatchSearch, Earlier
from kerege.casework.vault.queries.candidate_search import MOST_SHARING, open_many, search_terms
from kerege.casework.vault.queries.index_counts import IndexCounts, read_index_counts
from kerege.core.authorization import Actor, session_scope

TOKEN = 16
Tokens = tuple[list[bytes], list[bytes]]
Keys = dict[UUID | None, set[bytes]]
"""Blocking keys of the register (None), and of each agency where too many other records share them."""


class _Basis(NamedTuple):
    """The stored values with which a record was matched."""

    pk: UUID
    searched: bytes
    named: bytes
    counts: bytes
    own_records: int
    all_records: int
    version: str


@dataclass
class _Changes:
    """Records to match again, the new ones first, with the index tokens of each."""

    counts: IndexCounts
    at: datetime
    agencies: dict[UUID, UUID]
    tokens: dict[UUID, Tokens] = field(default_factory=dict)
    record_ids: list[UUID] = field(default_factory=list)
    earlier: Earlier = field(default_factory=Earlier)


def rematch_changed(actor: Actor) -> MatchRunCounts:
    """Match the records for which something changed since their last match; one audit event for the run.

    At most MOST_A_NIGHT records: the rest waits for the next run.
    """
    with session_scope.bypass_row_security(MATCHING):
        changes = _find_changes()
    return recorded_run(actor, lambda run, cache: _match_changed(actor, changes, run, cache))


def _match_changed(actor: Actor, changes: _Changes, run: MatchRunCounts, cache: MatchCache) -> None:
    """Match the records, and store the counts with which each was matched."""
    cache.search = BatchSearch(changes.counts, cache.opened, changes.earlier) if changes.counts.is_complete else None
    for batch in batches(iter(changes.record_ids)):
        match_batch(actor, batch, run, cache)
        _store_bases(changes, batch)


def _find_changes() -> _Changes:
    """Return the records to match again, in the order of a full rematch."""
    # before the counts are read: a change from now on counts as a new one
    changes = _Changes(counts=IndexCounts("", 0, {}, {}, {}), at=timezone.now(), agencies={})
    MatchBasis.objects.filter(record__superseded_by__isnull=False).delete()
    changes.counts = read_index_counts()
    changes.agencies = dict(active_records().values_list("pk", "agency"))
    changed_versions = IdentityVersion.objects.filter(record=OuterRef("record"), created_at__gt=OuterRef("at"))
    bases = MatchBasis.objects.exclude(Exists(changed_versions)).order_by("at", "pk")
    rows = [row for row in map(_Basis._make, bases.values_list(*_Basis._fields)) if row.pk in changes.agencies]
    known = {row.pk: row for row in rows}
    new = [pk for pk in changes.agencies if pk not in known][:MOST_A_NIGHT]
    moved = _with_other_person()
    changes.tokens = _read_tokens(new) | {pk: _tokens_of(known[pk]) for pk in moved if pk in known}
    linkable = _with_automatic_link()
    taken = moved | linkable | _stale(rows, changes, _touched_keys(changes, {*new, *moved}))
    old = [row.pk for row in rows if row.pk in taken]
    _mark_stale(old)
    chosen = {*new, *old[: MOST_A_NIGHT - len(new)]}
    changes.tokens |= {pk: _tokens_of(known[pk]) for pk in chosen if pk in known}
    changed = moved | linkable | (changes.agencies.keys() - known.keys())
    changed |= {row.pk for row in rows if _has_other_size(row, changes)}
    changes.earlier = _build_earlier([known[pk] for pk in chosen - changed], changes, changed)
    changes.record_ids = [pk for pk in changes.agencies if pk in chosen]
    return changes


def _mark_stale(record_ids: Iterable[UUID]) -> None:
    """Mark records as not matched, so that a later night takes those that this one does not reach."""
    for batch in batches(iter(record_ids)):
        MatchBasis.objects.filter(pk__in=batch).exclude(version="").update(version="")


def _touched_keys(changes: _Changes, record_ids: Collection[UUID]) -> Keys:
    """Return the blocking keys by which a search finds these records, in the register or at an agency."""
    counts, touched = changes.counts, defaultdict[UUID | None, set[bytes]](set)
    for pk in record_ids:
        agency_id = changes.agencies.get(pk)
        if agency_id is None or pk not in changes.tokens:
            continue
        for token in changes.tokens[pk][0]:
            if counts.sharing.get(token, 1) <= MOST_SHARING:
                touched[None].add(token)
            elif counts.at(agency_id).get(token, 1) <= MOST_SHARING:
                touched[agency_id].add(token)
    return touched


def _build_earlier(rows: Iterable[_Basis], changes: _Changes, changed: Collection[UUID]) -> Earlier:
    """Return the state of earlier nights: counts of unchanged records whose names weigh as they did then."""
    counts = {}
    for row in rows:
        searched, named = changes.tokens[row.pk]
        before, now = bytes(row.counts), changes.counts.encode(changes.agencies[row.pk], searched, named)
        if len(before) == len(now) and before[2 * len(searched) :] == now[2 * len(searched) :]:
            counts[row.pk] = before
    return Earlier(counts, {pk.bytes for pk in changed})


def _read_tokens(record_ids: Sequence[UUID]) -> dict[UUID, Tokens]:
    """Return the index tokens of records."""
    tokens: dict[UUID, Tokens] = {}
    for batch in batches(iter(record_ids)):
        for pk, opened in open_many(batch).items():
            terms = search_terms(opened.attributes)
            tokens[pk] = [*terms.searched], [*terms.named]
    return tokens


def _tokens_of(row: _Basis) -> Tokens:
    """Return the index tokens of a stored basis."""
    return _split(row.searched), _split(row.named)


def _split(joined: bytes | memoryview[int]) -> list[bytes]:
    """Return the tokens of a stored text."""
    text = bytes(joined)
    return [text[start : start + TOKEN] for start in range(0, len(text), TOKEN)]


def _stale(rows: Iterable[_Basis], changes: _Changes, touched: Keys) -> set[UUID]:
    """Return the records whose counts changed, or that have one of the `touched` blocking keys."""
    stale, with_more_namesakes = set(), set()
    for row in rows:
        agency_id, (searched, named) = changes.agencies[row.pk], _tokens_of(row)
        before, now = bytes(row.counts), changes.counts.encode(agency_id, searched, named)
        is_stale = _has_other_size(row, changes) or _has_other_candidates(before, now, 2 * len(searched))
        if is_stale or not all(touched.get(key, set()).isdisjoint(searched) for key in (None, agency_id)):
            stale.add(row.pk)
        elif before != now:
            with_more_namesakes.add(row.pk)
    return stale | (with_more_namesakes & _with_stored_pair() if with_more_namesakes else set())


def _has_other_size(row: _Basis, changes: _Changes) -> bool:
    """Return whether the model, the register or the agency is another one than at the last match."""
    counts = changes.counts
    sizes = (counts.records_of.get(changes.agencies[row.pk], 0), counts.records)
    return row.version != counts.version or (row.own_records, row.all_records) != sizes


def _has_other_candidates(before: bytes, now: bytes, searched: int) -> bool:
    """Return whether one of the first `searched` counts differs, or a later one, of a name, fell."""
    return (
        len(before) != len(now)
        or before[:searched] != now[:searched]
        or any(new < old for old, new in zip(before[searched:], now[searched:], strict=True))
    )


def _with_stored_pair() -> set[UUID]:
    """Return the records of stored pairs that a run may change."""
    rows = MatchCandidate.objects.filter(state__in=MOVING).values_list("left", "right")
    return {pk for pair in rows for pk in pair}


def _with_other_person() -> set[UUID]:
    """Return the records that were linked, unlinked, or whose decision ended, since their last match."""
    at, record = OuterRef("at"), OuterRef("record")
    moved = Membership.objects.filter(Q(from_at__gt=at) | Q(to_at__gt=at), record=record)
    reopened = [PairDecision.objects.filter(ended_at__gt=at, **{side: record}) for side in ("left", "right")]
    is_moved = Q(Exists(moved)) | Q(Exists(reopened[0])) | Q(Exists(reopened[1]))
    return set(MatchBasis.objects.filter(is_moved).values_list("pk", flat=True))


def _with_automatic_link() -> set[UUID]:
    """Return the records of open pairs with a common document, which an earlier run did not link."""
    rows = MatchCandidate.objects.filter(state=MatchCandidate.State.OPEN, parts__document__gt=0)
    return set(rows.values_list("left", flat=True))


def _store_bases(changes: _Changes, record_ids: Collection[UUID]) -> None:
    """Store the counts with which these records were matched."""
    rows = list(_build_bases(changes, record_ids))
    fields = [name.attname for name in MatchBasis._meta.concrete_fields if not name.primary_key]
    MatchBasis.objects.bulk_create(rows, update_conflicts=True, update_fields=fields, unique_fields=["record"])


def _build_bases(changes: _Changes, record_ids: Collection[UUID]) -> Iterator[MatchBasis]:
    """Yield the rows of records that still exist and are not merged."""
    counts = changes.counts
    present = set(IdentityRecord.objects.filter(pk__in=record_ids).values_list("pk", flat=True))
    for pk in record_ids:
        if pk in changes.tokens and pk in present:
            agency_id, (searched, named) = changes.agencies[pk], changes.tokens[pk]
            yield MatchBasis(
                record_id=pk,
                searched=b"".join(searched),
                named=b"".join(named),
                counts=counts.encode(agency_id, searched, named),
                own_records=counts.records_of.get(agency_id, 0),
                all_records=counts.records,
                version=counts.version,
                at=changes.at,
            )
