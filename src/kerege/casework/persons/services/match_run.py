"""The machine's run: candidates by blind index, scored, proposed, withdrawn; never a silent merge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kerege.casework.persons.models import MatchCandidate, MatchDue, PairDecision, Review
from kerege.casework.persons.services.auto_link import part_again, tie_alone
from kerege.casework.persons.services.conflict_flags import may_tie_alone, pair_risks
from kerege.casework.persons.services.person_links import ordered
from kerege.casework.persons.thresholds import BATCH, FRACTURE, JOIN
from kerege.casework.vault.identity import Identity, Name, told, written
from kerege.casework.vault.models.identities import IdentityRecord, Membership
from kerege.casework.vault.queries.candidate_search import Opened, open_many, scored, weighed
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.linkage import register_matching
from kerege.linkage.names.language import language

State = MatchCandidate.State
Pair = tuple[UUID, UUID]
# pairs that people or the machine can still be told something new of
MOST_OPEN = 5000
NAMES = ("family", "given", "sex")
MOVING = (State.OPEN, State.WITHDRAWN, State.DISCUSS, State.LINKED)


@dataclass
class Run:
    """What one run did: how many records it looked at, what it proposed, withdrew, linked and parted."""

    records: int = 0
    proposed: int = 0
    withdrawn: int = 0
    linked: int = 0
    parted: int = 0


@dataclass
class Memory:
    """What a run knows already: records that it compared with all others, and values that it opened."""

    seen: set[UUID] = field(default_factory=set)
    opened: dict[UUID, Opened] = field(default_factory=dict)

    def turn(self, done: Collection[UUID]) -> None:
        """A part of the run is over. Values are not kept for long: they may change, and they are secrets."""
        self.seen |= set(done)
        if len(self.opened) > MOST_OPEN:
            self.opened.clear()


@dataclass(frozen=True)
class Found:
    """Two records, in the order of the pair, and how well they agree."""

    left: Opened
    right: Opened
    match: register_matching.Match

    @property
    def pair(self) -> Pair:
        """The ids."""
        return self.left.id, self.right.id

    @property
    def agency_id(self) -> UUID | None:
        """The agency of both, None across agencies."""
        return self.left.agency_id if self.left.agency_id == self.right.agency_id else None


def match_due(actor: Actor) -> Run:
    """Match every record that waits for it. One event a run."""
    return _run(actor, _due())


def rematch(actor: Actor) -> Run:
    """Match the whole register again: what is found now, what does not hold any more. One event a run."""
    living = IdentityRecord.objects.filter(superseded_by=None, data_key__wrapped__isnull=False)
    ids = living.order_by("created_at", "pk").values_list("pk", flat=True)
    return _run(actor, _batches(ids.iterator(BATCH * 20)))


def _run(actor: Actor, batches: Iterable[list[UUID]]) -> Run:
    authorization.require(actor, "persons.match")
    run, memory = Run(), Memory()
    with session_scope.beyond("the machine compares across agencies; the rules say who is shown a pair"):
        try:
            for batch in batches:
                match(actor, batch, run, memory)
        finally:
            # also of a run that was cut off
            if run.records:
                audit.record(actor, "persons.match", **vars(run), model=register_matching.model_version())
    return run


def _due() -> Iterator[list[UUID]]:
    """What waits, until nothing does; a record that changes meanwhile waits again."""
    while waiting := dict(MatchDue.objects.order_by("since", "pk").values_list("record_id", "since")[:BATCH]):
        yield list(waiting)
        for record_id, since in waiting.items():
            MatchDue.objects.filter(record=record_id, since=since).delete()


def _batches(ids: Iterator[UUID]) -> Iterator[list[UUID]]:
    while batch := list(islice(ids, BATCH)):
        yield batch


def match(actor: Actor, record_ids: Collection[UUID], run: Run, memory: Memory) -> None:
    """Find, weigh and store the pairs of some records; what the machine may tie it ties one by one."""
    run.records += len(record_ids)
    # of one that was merged while it waited the surviving one stands in the queue itself
    merged = set(
        IdentityRecord.objects.filter(pk__in=record_ids).exclude(superseded_by=None).values_list("pk", flat=True)
    )
    found = _find([pk for pk in record_ids if pk not in merged], memory)
    alone, over = _store(found, run)
    for candidate in alone:
        run.linked += tie_alone(actor, candidate)
    for candidate in over:
        run.parted += part_again(actor, candidate)


def _find(record_ids: Collection[UUID], memory: Memory) -> dict[Pair, Found]:
    """Every pair of these records that is worth a look, and those of earlier runs weighed again; each pair once a run.

    A record that waits again within the run has changed: it is opened anew.
    """
    fresh = open_many(record_ids)
    memory.opened |= fresh
    memory.seen -= set(record_ids)
    found: dict[Pair, Found] = {}
    before = set(memory.seen)
    # by the order in which they were given, so that a seeded register finds the same on every machine
    for one in (fresh[pk] for pk in record_ids if pk in fresh):
        memory.seen.add(one.id)
        for other in scored(one.identity, without=memory.seen, known=memory.opened):
            if other.match.probability >= FRACTURE:
                new = _pair(one, other.record, other.match)
                found.setdefault(new.pair, new)
    known = _known(record_ids, before, found)
    memory.turn(record_ids)
    return found | known


def _pair(one: Opened, two: Opened, match: register_matching.Match) -> Found:
    left, right = (one, two) if one.id < two.id else (two, one)
    return Found(left, right, match)


def _known(record_ids: Collection[UUID], seen: set[UUID], found: dict[Pair, Found]) -> dict[Pair, Found]:
    """Pairs that were proposed or tied before and are found no more: what do they weigh now?"""
    mine = Q(left__in=record_ids) | Q(right__in=record_ids)
    rows = MatchCandidate.objects.filter(mine, state__in=[State.OPEN, State.LINKED]).values_list("left_id", "right_id")
    missing = [pair for pair in rows if pair not in found and not seen & set(pair)]
    opened = open_many({pk for pair in missing for pk in pair})
    again = {}
    for left, right in missing:
        if left in opened and right in opened:
            [agrees] = weighed(opened[left].told, [opened[right].told])
            again[left, right] = Found(opened[left], opened[right], agrees)
    return again


def _store(found: dict[Pair, Found], run: Run) -> tuple[list[MatchCandidate], list[MatchCandidate]]:
    """Write down what was found; returns pairs that the machine may tie, and those it tied that no longer hold."""
    alone: list[MatchCandidate] = []
    over: list[MatchCandidate] = []
    if not found:
        return alone, over
    with transaction.atomic():
        known, person, decided, now = _candidates(found), _persons(found), _decided(found), timezone.now()
        for pair, what in found.items():
            row = known.get(pair)
            if pair in decided or not set(pair) <= set(person) or (row is not None and row.state not in MOVING):
                continue
            row = _updated(row, what, person[pair[0]] == person[pair[1]], now, run)
            if row is None:
                continue
            if row.state == State.LINKED and (row.probability < FRACTURE or _speaks_against(row)):
                over.append(row)
            if row.state == State.OPEN and _may_tie(row, what):
                alone.append(row)
    return alone, over


def _updated(row: MatchCandidate | None, what: Found, together: bool, now: datetime, run: Run) -> MatchCandidate | None:
    """The stored pair as it stands now; None when it is nothing to propose."""
    if row is not None:
        _again(row, what, together, now, run)
        row.save()
        return row
    if together or what.match.probability < JOIN or not more_than_a_name(what.match):
        return None
    row = _new(what, now)
    # another worker may have found the same pair at this moment
    MatchCandidate.objects.bulk_create([row], ignore_conflicts=True)
    run.proposed += 1
    return row


def more_than_a_name(match: register_matching.Match) -> bool:
    """Whether anything beside family and given name agrees: thousands share a common name."""
    return any(bits > 0 for name, bits in match.parts.items() if name not in NAMES)


def _may_tie(row: MatchCandidate, what: Found) -> bool:
    return not _speaks_against(row) and may_tie_alone(what.left.identity, what.right.identity)


def _speaks_against(row: MatchCandidate) -> bool:
    """Whether a guard speaks: then the machine ties nothing by itself, and leaves nothing tied that it had."""
    return bool(set(row.risks) - {"unlikely"})


def _candidates(found: Collection[Pair]) -> dict[Pair, MatchCandidate]:
    rows = MatchCandidate.objects.select_for_update().filter(left__in={pair[0] for pair in found}).order_by("pk")
    return {(row.left_id, row.right_id): row for row in rows if (row.left_id, row.right_id) in found}


def _persons(found: Collection[Pair]) -> dict[UUID, UUID]:
    ids = {pk for pair in found for pk in pair}
    # nothing is written any more about whoever was erased meanwhile
    rows = Membership.objects.filter(record__in=ids, to_at=None, record__data_key__wrapped__isnull=False)
    return dict(rows.values_list("record_id", "person_id"))


def _decided(found: Collection[Pair]) -> set[Pair]:
    """Pairs of which a human said something: no run changes that."""
    rows = PairDecision.objects.filter(left__in={pair[0] for pair in found}, ended_at=None)
    return set(rows.values_list("left_id", "right_id"))


def _new(what: Found, now: datetime) -> MatchCandidate:
    row = MatchCandidate(left_id=what.left.id, right_id=what.right.id, found_at=now)
    _weigh(row, what, now)
    return row


def _weigh(row: MatchCandidate, what: Found, now: datetime) -> None:
    row.agency_id = what.agency_id
    row.weight, row.probability = what.match.weight, what.match.probability
    row.levels, row.parts = dict(what.match.levels), dict(what.match.parts)
    row.model_version, row.scored_at = register_matching.model_version(), now
    row.risks = pair_risks(what.left, what.right, what.match)
    row.sex, row.language, row.script = groups_of(what.left.identity, what.right.identity)


def _again(row: MatchCandidate, what: Found, together: bool, now: datetime, run: Run) -> None:
    """An open proposal falls only below the lower bound, one that was withdrawn rises only above the upper one."""
    _weigh(row, what, now)
    unlikely = what.match.probability < FRACTURE and not _is_asked_again(row)
    if row.state == State.OPEN and (unlikely or (together and not _is_asked_for(row))):
        row.state = State.WITHDRAWN
        run.withdrawn += 1
    elif (
        row.state == State.WITHDRAWN
        and not together
        and what.match.probability >= JOIN
        and more_than_a_name(what.match)
    ):
        row.state, row.found_at = State.OPEN, now
        run.proposed += 1


def _is_asked_for(row: MatchCandidate) -> bool:
    """Whether people want an answer though other ties made it one person: somebody answered, or is to merge the two."""
    return row.agency_id is not None or Review.standing.filter(candidate=row).exists()


def _is_asked_again(row: MatchCandidate) -> bool:
    """Whether people ended a word of theirs to have an answer: it waits for them, however little the machine thinks."""
    rows = PairDecision.objects.filter(left=row.left_id, right=row.right_id, kind=PairDecision.Kind.CANNOT)
    return rows.exclude(ended_at=None).exists()


def groups_of(one: Identity, two: Identity) -> tuple[str, str, str]:
    """The groups of the quality board to which a pair belongs: sex, language and script of the names, where known."""
    sexes = {told(identity).sex for identity in (one, two)} - {""}
    languages, scripts = _either(language_of, one, two), _either(script_of, one, two)
    return sexes.pop() if len(sexes) == 1 else "", languages, scripts


def _either(way: Callable[[Identity], str], one: Identity, two: Identity) -> str:
    """What is known of one of two or of both; mixed where they differ."""
    found = {way(one), way(two)} - {""}
    return "mixed" if len(found) > 1 else "".join(found)


def language_of(identity: Identity) -> str:
    """The language of the first name that was told, as far as its spelling tells."""
    name = _first_name(identity)
    return language(name.get("given", ""), name.get("middle", ""), name.get("family", ""))


def script_of(identity: Identity) -> str:
    """The script of the first name that was told: cyrillic, latin or arabic."""
    text = written(_first_name(identity)).lower()
    for script, first, last in (("cyrillic", "Ѐ", "ӿ"), ("arabic", "؀", "ۿ")):
        if any(first <= letter <= last for letter in text):
            return script
    return "latin" if any(letter.isalpha() for letter in text) else ""


def _first_name(identity: Identity) -> Name:
    return next(iter(identity.get("names", [])), Name())


def candidate_of(one: Opened, two: Opened) -> MatchCandidate:
    """The row of a pair that people look at, whether or not the machine had found it. The caller holds the locks."""
    left, right = ordered(one.id, two.id)
    row = MatchCandidate.objects.select_for_update().filter(left=left, right=right).first()
    if row is None:
        [agrees] = weighed(one.told, [two.told])
        row = _new(_pair(one, two, agrees), timezone.now())
        row.save(force_insert=True)
    return row
