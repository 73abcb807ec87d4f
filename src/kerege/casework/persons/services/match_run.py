"""Matching run: find candidate pairs, score them, propose or withdraw them, link equal documents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from kerege.casework.persons.models import MatchCandidate, MatchDue, PairDecision, PairReview
from kerege.casework.persons.services.auto_link import auto_link_pair, auto_unlink_pair
from kerege.casework.persons.services.conflict_flags import can_auto_link, pair_risks
from kerege.casework.persons.services.match_cache import MatchCache
from kerege.casework.persons.services.pair_groups import groups_of
from kerege.casework.persons.services.person_links import ordered_pair, registrar_of_both
from kerege.casework.persons.thresholds import BATCH, FRACTURE, JOIN
from kerege.casework.vault.models.identities import IdentityRecord, Membership
from kerege.casework.vault.queries.candidate_search import (
    Opened,
    Scored,
    open_many,
    records_of_agency,
    scored,
    weighed,
)
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.linkage import register_matching

State = MatchCandidate.State
Pair = tuple[UUID, UUID]
NAMES = ("family", "given", "sex")
MATCHING = "matching compares records of all agencies; the rules decide who sees a pair"
MOVING = (State.OPEN, State.WITHDRAWN, State.DISCUSS, State.LINKED)


@dataclass
class MatchRunCounts:
    """Counts of one run: records matched, pairs proposed, withdrawn, linked and unlinked."""

    records: int = 0
    proposed: int = 0
    withdrawn: int = 0
    linked: int = 0
    parted: int = 0


@dataclass(frozen=True)
class ScoredPair:
    """Two records, the smaller id first, and their match."""

    left: Opened
    right: Opened
    match: register_matching.Match

    @property
    def pair(self) -> Pair:
        """Return the two ids."""
        return self.left.id, self.right.id

    @property
    def agency_id(self) -> UUID | None:
        """Return the agency of both records; None for a pair between agencies."""
        return self.left.agency_id if self.left.agency_id == self.right.agency_id else None


def match_due(actor: Actor) -> MatchRunCounts:
    """Match every record that waits; one audit event for the run."""
    return _run(actor, _due_batches())


def rematch(actor: Actor) -> MatchRunCounts:
    """Match all records that are neither merged nor erased again; one audit event for the run."""
    # read to the end first: SQLite refuses a write after another process wrote while a query is open
    ids = list(active_records().values_list("pk", flat=True))
    return _run(actor, batches(iter(ids)))


def active_records() -> QuerySet[IdentityRecord]:
    """Return the records that are neither merged nor erased, the oldest first."""
    rows = IdentityRecord.objects.filter(superseded_by=None, data_key__wrapped__isnull=False)
    return rows.order_by("created_at", "pk")


def _run(actor: Actor, record_batches: Iterable[list[UUID]]) -> MatchRunCounts:
    """Match the batches."""

    def work(run: MatchRunCounts, cache: MatchCache) -> None:
        for batch in record_batches:
            match_batch(actor, batch, run, cache)

    return recorded_run(actor, work)


def recorded_run(actor: Actor, work: Callable[[MatchRunCounts, MatchCache], None]) -> MatchRunCounts:
    """Do the work of a run and write its audit event, also for an interrupted run."""
    authorization.require(actor, "persons.match")
    run, cache = MatchRunCounts(), MatchCache()
    with session_scope.bypass_row_security(MATCHING):
        try:
            work(run, cache)
        finally:
            if run.records:
                audit.record(actor, "persons.match", **vars(run), model=register_matching.model_version())
    return run


def _due_batches() -> Iterator[list[UUID]]:
    """Yield batches of waiting records until none is left; a record changed meanwhile waits again."""
    while waiting := dict(MatchDue.objects.order_by("since", "pk").values_list("record_id", "since")[:BATCH]):
        yield list(waiting)
        for record_id, since in waiting.items():
            MatchDue.objects.filter(record=record_id, since=since).delete()


def batches(ids: Iterator[UUID]) -> Iterator[list[UUID]]:
    """Cut a stream of ids into lists of at most BATCH."""
    while batch := list(islice(ids, BATCH)):
        yield batch


def match_batch(actor: Actor, record_ids: Collection[UUID], run: MatchRunCounts, cache: MatchCache) -> None:
    """Find, score and store the pairs of some records; link or unlink automatically, pair by pair."""
    run.records += len(record_ids)
    # skip a record that was merged while it waited: its surviving record is in the queue
    merged_ids = set(
        IdentityRecord.objects.filter(pk__in=record_ids).exclude(superseded_by=None).values_list("pk", flat=True)
    )
    pairs = _find_pairs([pk for pk in record_ids if pk not in merged_ids], cache)
    to_link, to_unlink = _store_pairs(pairs, run)
    for candidate in to_link:
        run.linked += auto_link_pair(actor, candidate)
    for candidate in to_unlink:
        run.parted += auto_unlink_pair(actor, candidate)


def _find_pairs(record_ids: Collection[UUID], cache: MatchCache) -> dict[Pair, ScoredPair]:
    """Return the pairs of these records with a match probability from FRACTURE, each pair once per run.

    Pairs stored by earlier runs are scored again. A record that waits again within the run is decrypted anew.
    """
    opened = open_many(record_ids)
    cache.opened |= opened
    pairs: dict[Pair, ScoredPair] = {}
    cache.forget(record_ids)
    seen_before = set(cache.seen)
    if cache.search is not None:
        cache.search.read(list(opened.values()))
    # keep the order of record_ids, so that a seeded register gives the same pairs on every machine
    for record in (opened[pk] for pk in record_ids if pk in opened):
        cache.seen.add(record.id)
        for candidate in _score_candidates(record, cache):
            cache.scored_with[candidate.record.id].add(record.id)
            if candidate.match.probability >= FRACTURE:
                pair = _ordered_pair(record, candidate.record, candidate.match)
                pairs.setdefault(pair.pair, pair)
    rescored = _rescore_known(record_ids, seen_before, pairs)
    cache.turn(record_ids)
    return pairs | rescored


def _score_candidates(record: Opened, cache: MatchCache) -> list[Scored]:
    """Return the candidates of a record at its agency and at all others, without scored pairs.

    A pair is found when one record is among the best candidates of the other one: the order of the records does not
    matter.

    The first search sees the agency's records alone: neither the names nor the number of other records change what the
    agency is told about its own pairs. The second one sees the whole register.
    """
    done = cache.scored_with.pop(record.id, set())
    if cache.search is not None:
        return cache.search.scored(record, done)
    within, count = records_of_agency(record.agency_id), cache.size_of(record.agency_id)
    own = scored(
        record.identity,
        without={record.id},
        done=done,
        within=within,
        records=count,
        known=cache.opened,
    )
    return own + scored(record.identity, done=done, outside=record.agency_id, known=cache.opened)


def _ordered_pair(first: Opened, second: Opened, match: register_matching.Match) -> ScoredPair:
    """Return the pair with the smaller id first."""
    left, right = (first, second) if first.id < second.id else (second, first)
    if len(left.attributes.names) + len(right.attributes.names) > 2:
        # the search counts the names of the record that it starts from, and another name may decide
        return _weigh_pair(left, right)
    return ScoredPair(left, right, match)


def _weigh_pair(left: Opened, right: Opened) -> ScoredPair:
    """Return a pair with its match, weighed by the records that its agency may know."""
    agency_id = left.agency_id if left.agency_id == right.agency_id else None
    [match] = weighed(left.attributes, [right.attributes], records_of_agency(agency_id))
    return ScoredPair(left, right, match)


def _rescore_known(
    record_ids: Collection[UUID], done_ids: set[UUID], pairs: dict[Pair, ScoredPair]
) -> dict[Pair, ScoredPair]:
    """Score stored open or linked pairs that this batch did not find again."""
    has_record = Q(left__in=record_ids) | Q(right__in=record_ids)
    rows = MatchCandidate.objects.filter(has_record, state__in=[State.OPEN, State.LINKED]).values_list(
        "left_id", "right_id"
    )
    missing = [pair for pair in rows if pair not in pairs and not done_ids & set(pair)]
    opened = open_many({pk for pair in missing for pk in pair})
    rescored = {}
    for left, right in missing:
        if left in opened and right in opened:
            rescored[left, right] = _weigh_pair(opened[left], opened[right])
    return rescored


def _store_pairs(
    scored_pairs: dict[Pair, ScoredPair], run: MatchRunCounts
) -> tuple[list[MatchCandidate], list[MatchCandidate]]:
    """Store the scored pairs; return the pairs to link and the linked pairs that no longer hold."""
    to_link: list[MatchCandidate] = []
    to_unlink: list[MatchCandidate] = []
    if not scored_pairs:
        return to_link, to_unlink
    with transaction.atomic():
        rows, persons, decided_pairs, now = (
            _stored_rows(scored_pairs),
            _current_persons(scored_pairs),
            _decided_pairs(scored_pairs),
            timezone.now(),
        )
        for pair, scored_pair in scored_pairs.items():
            row = rows.get(pair)
            if pair in decided_pairs or not set(pair) <= set(persons) or (row is not None and row.state not in MOVING):
                continue
            row = _update_row(row, scored_pair, persons[pair[0]] == persons[pair[1]], now, run)
            if row is None:
                continue
            if row.state == State.LINKED and (row.probability < FRACTURE or _has_conflict(row)):
                to_unlink.append(row)
            if row.state == State.OPEN and _can_auto_link(row, scored_pair):
                to_link.append(row)
    return to_link, to_unlink


def _update_row(
    row: MatchCandidate | None, scored_pair: ScoredPair, is_linked: bool, now: datetime, run: MatchRunCounts
) -> MatchCandidate | None:
    """Update or create the row of a pair; return None when there is nothing to propose."""
    if row is not None:
        _rescore(row, scored_pair, is_linked, now, run)
        row.save()
        return row
    if is_linked or scored_pair.match.probability < JOIN or not has_evidence_beyond_name(scored_pair.match):
        return None
    row = _new_row(scored_pair, now)
    # another worker may store the same pair at the same time
    MatchCandidate.objects.bulk_create([row], ignore_conflicts=True)
    run.proposed += 1
    return row


def has_evidence_beyond_name(match: register_matching.Match) -> bool:
    """Return whether any field beside names and sex agrees: thousands share a common name."""
    return any(bits > 0 for name, bits in match.parts.items() if name not in NAMES)


def _can_auto_link(row: MatchCandidate, scored_pair: ScoredPair) -> bool:
    """Return whether no conflict flag is set and the records may be linked automatically."""
    return not _has_conflict(row) and can_auto_link(scored_pair.left.identity, scored_pair.right.identity)


def _has_conflict(row: MatchCandidate) -> bool:
    """Return whether a conflict flag is set; it prevents an automatic link and undoes an existing one."""
    return bool(set(row.risks) - {"unlikely"})


def _stored_rows(pairs: Collection[Pair]) -> dict[Pair, MatchCandidate]:
    """Lock and return the stored rows of pairs."""
    rows = MatchCandidate.objects.select_for_update().filter(left__in={pair[0] for pair in pairs}).order_by("pk")
    return {(row.left_id, row.right_id): row for row in rows if (row.left_id, row.right_id) in pairs}


def _current_persons(pairs: Collection[Pair]) -> dict[UUID, UUID]:
    """Return the current person of each record that is not erased."""
    ids = {pk for pair in pairs for pk in pair}
    # write nothing about a person who was erased meanwhile
    rows = Membership.objects.filter(record__in=ids, to_at=None, record__data_key__wrapped__isnull=False)
    return dict(rows.values_list("record_id", "person_id"))


def _decided_pairs(pairs: Collection[Pair]) -> set[Pair]:
    """Return pairs with a human decision: no run changes them."""
    rows = PairDecision.objects.filter(left__in={pair[0] for pair in pairs}, ended_at=None)
    return set(rows.values_list("left_id", "right_id"))


def _new_row(scored_pair: ScoredPair, now: datetime) -> MatchCandidate:
    """Return an unsaved row of a pair."""
    left, right = scored_pair.pair
    row = MatchCandidate(left_id=left, right_id=right, found_at=now, registrar_id=registrar_of_both(left, right))
    _set_scores(row, scored_pair, now)
    return row


def _set_scores(row: MatchCandidate, scored_pair: ScoredPair, now: datetime) -> None:
    """Set the scores, flags and groups of a row."""
    row.agency_id = scored_pair.agency_id
    row.weight, row.probability = scored_pair.match.weight, scored_pair.match.probability
    row.levels, row.parts = dict(scored_pair.match.levels), dict(scored_pair.match.parts)
    row.model_version, row.scored_at = register_matching.model_version(), now
    row.risks = pair_risks(scored_pair.left, scored_pair.right, scored_pair.match)
    row.sex, row.language, row.script = groups_of(scored_pair.left.identity, scored_pair.right.identity)


def _rescore(row: MatchCandidate, scored_pair: ScoredPair, is_linked: bool, now: datetime, run: MatchRunCounts) -> None:
    """Update a stored row; withdraw it below FRACTURE, propose it again only from JOIN."""
    _set_scores(row, scored_pair, now)
    is_unlikely = scored_pair.match.probability < FRACTURE and not _is_reopened(row)
    if row.state == State.OPEN and (is_unlikely or (is_linked and not _needs_answer(row))):
        row.state = State.WITHDRAWN
        run.withdrawn += 1
    elif (
        row.state == State.WITHDRAWN
        and not is_linked
        and scored_pair.match.probability >= JOIN
        and has_evidence_beyond_name(scored_pair.match)
    ):
        row.state, row.found_at = State.OPEN, now
        run.proposed += 1


def _needs_answer(row: MatchCandidate) -> bool:
    """Return whether reviewers still want an answer although other links made it one person.

    True for a pair of one agency, which may be merged, and for a pair that has an answer.
    """
    return row.agency_id is not None or PairReview.standing.filter(candidate=row).exists()


def _is_reopened(row: MatchCandidate) -> bool:
    """Return whether reviewers ended a decision to have the pair answered: no run withdraws it."""
    rows = PairDecision.objects.filter(left=row.left_id, right=row.right_id, kind=PairDecision.Kind.CANNOT)
    return rows.exclude(ended_at=None).exists()


def get_or_create_candidate(one: Opened, two: Opened) -> MatchCandidate:
    """Return the locked row of a pair, or create it. The caller locks the records."""
    left, right = ordered_pair(one.id, two.id)
    row = MatchCandidate.objects.select_for_update().filter(left=left, right=right).first()
    if row is None:
        row = _new_row(_weigh_pair(*sorted((one, two), key=lambda record: record.id)), timezone.now())
        row.save(force_insert=True)
    return row
