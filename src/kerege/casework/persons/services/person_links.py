"""Ties between records and persons: locking, joining, parting. Nothing is overwritten: memberships end and begin.

The callers hold the right, the audited act, and look beyond the wall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.vault.models.identities import IdentityRecord, Membership, Person, SealedText
from kerege.casework.vault.queries.identities import with_merged
from kerege.casework.vault.services.identities import save_text, stands_for
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor

MOVED = Fault(gettext_noop("somebody ties or parts these records at this moment"), gettext_noop("try again"))


@dataclass(frozen=True)
class Tie:
    """Who ties two records, how, and what the journal needs beside the memberships."""

    kind: str = Merge.Kind.LINK
    source: str = Merge.Source.HUMAN
    candidate: MatchCandidate | None = None
    model_version: str = ""
    reason: str = ""
    journal: dict[str, Any] = field(default_factory=dict)


def ordered(one: UUID, two: UUID) -> tuple[UUID, UUID]:
    """A pair as it is stored."""
    return (one, two) if one < two else (two, one)


def person_of(record_id: UUID) -> UUID:
    """The person to whom a record belongs now."""
    return Membership.objects.values_list("person_id", flat=True).get(record=record_id, to_at=None)


def records_of(person: UUID) -> list[UUID]:
    """Every record of a person now, by id."""
    rows = Membership.objects.filter(person=person, to_at=None)
    return list(rows.order_by("record").values_list("record_id", flat=True))


def merged_into(record_id: UUID) -> list[UUID]:
    """A record and every one that was merged into it."""
    return list(with_merged([record_id]))


def whole(record_id: UUID) -> list[UUID]:
    """Every record that is one with this one since a merge: the surviving one and those merged into it."""
    return merged_into(stands_for(record_id))


def lock(*record_ids: UUID) -> dict[UUID, IdentityRecord]:
    """Lock every record of the persons of these records, in the order of their ids; returns all of them.

    Raises BadInput when somebody tied or parted one meanwhile: what was read no longer holds.
    """
    wanted = _together(record_ids)
    # what hangs on a record may still be added to: only whoever changes, ties or parts it waits
    rows = IdentityRecord.objects.select_for_update(no_key=True, of=("self",)).select_related("data_key", "agency")
    found = {row.pk: row for row in rows.filter(pk__in=wanted).order_by("pk")}
    if _together(record_ids) != wanted:
        raise BadInput(MOVED)
    # asked after the lock: what was joined to a row that was waited for is as old as that question
    if IdentityRecord.objects.filter(pk__in=record_ids, data_key__wrapped=None).exists():
        raise BadInput(Fault(gettext_noop("this person was erased"), gettext_noop("reload the page")))
    return found


def _together(record_ids: Iterable[UUID]) -> set[UUID]:
    persons = Membership.objects.filter(record__in=list(record_ids), to_at=None).values("person")
    return set(Membership.objects.filter(person__in=persons, to_at=None).values_list("record_id", flat=True))


def agency_of(records: Iterable[IdentityRecord]) -> Agency | None:
    """The agency of which all records are; None when they are of several."""
    agencies = {record.agency_id: record.agency for record in records}
    return next(iter(agencies.values())) if len(agencies) == 1 else None


def tie(actor: Actor, kept: IdentityRecord, other: IdentityRecord, how: Tie) -> Merge:
    """Let the records of two persons belong to the person of `kept`; of locked records. Returns what undoes it."""
    person, left = person_of(kept.pk), person_of(other.pk)
    moved = [] if person == left else records_of(left)
    journal = {
        "person": str(person),
        "from": str(left),
        "moved": [str(pk) for pk in moved],
        "with": [str(pk) for pk in records_of(person) if pk not in moved],
    }
    move(actor, moved, person, how)
    row = Merge(
        kind=how.kind,
        source=how.source,
        kept=kept,
        other=other,
        agency=agency_of([kept, other]),
        candidate=how.candidate,
        model_version=how.model_version,
        made_at=timezone.now(),
        made_by=actor.label,
        journal=save_text(kept.data_key, how.journal | {"memberships": journal}),
    )
    if how.reason:
        row.reason = save_text(kept.data_key, how.reason)
    row.save(force_insert=True)
    return row


def move(actor: Actor, records: Collection[UUID], person: UUID, how: Tie) -> None:
    """End the memberships of records and begin new ones."""
    now = timezone.now()
    Membership.objects.filter(record__in=records, to_at=None).update(to_at=now)
    source = Membership.Source.AUTO if how.source == Merge.Source.AUTO else Membership.Source.HUMAN
    Membership.objects.bulk_create(
        Membership(
            record_id=pk,
            person_id=person,
            from_at=now,
            source=source,
            created_by=actor.label,
            model_version=how.model_version,
        )
        for pk in records
    )


def part(actor: Actor, merge: Merge, journal: dict[str, Any], how: Tie) -> bool:
    """Let the records that came with a merge go back to their person; False when another tie still holds the two."""
    now_together = set(records_of(person_of(merge.kept_id)))
    if merge.other_id not in now_together:
        return True
    group = _held(merge, journal, now_together)
    if merge.kept_id in group:
        return False
    move(actor, sorted(group), _home(UUID(journal["from"])), how)
    return True


def _held(merge: Merge, journal: dict[str, Any], together: set[UUID]) -> set[UUID]:
    """Every record of the person that hangs on the one that leaves, by what was tied before and since."""
    edges = _edges(Merge.objects.filter(kept__in=together, undone_at=None).exclude(pk=merge.pk))
    known = {merge.kept_id, merge.other_id, *map(UUID, journal["moved"]), *map(UUID, journal["with"])}
    before = Merge.objects.filter(kept__in=known, made_at__lt=merge.made_at)
    then = _edges(before.exclude(undone_at__lte=merge.made_at))
    # what belonged together before by another word than a tie still does; of ties those count that stand
    for anchor, names in ((merge.other_id, journal["moved"]), (merge.kept_id, journal["with"])):
        for pk in together & set(map(UUID, names)) - _reached(then, anchor):
            edges[anchor].add(pk)
            edges[pk].add(anchor)
    return _reached(edges, merge.other_id)


def tied_among(records: Collection[UUID], start: UUID, without: MatchCandidate | None = None) -> set[UUID]:
    """Those of some records that ties hold together with one of them, without a record beyond them.

    As if the ties of a pair (`without`) were undone.
    """
    ties = Merge.objects.filter(kept__in=records, other__in=records, undone_at=None)
    return _reached(_edges(ties.exclude(candidate=without) if without else ties), start)


def _edges(ties: QuerySet[Merge]) -> dict[UUID, set[UUID]]:
    edges: dict[UUID, set[UUID]] = defaultdict(set)
    for one, two in ties.values_list("kept_id", "other_id"):
        edges[one].add(two)
        edges[two].add(one)
    return edges


def _reached(edges: Mapping[UUID, set[UUID]], start: UUID) -> set[UUID]:
    found, new = set[UUID](), {start}
    while new:
        found |= new
        new = {pk for known in new for pk in edges.get(known, ())} - found
    return found


def _home(person: UUID) -> UUID:
    """The person from whom the records came, unless somebody else is that person by now."""
    if not Membership.objects.filter(person=person, to_at=None).exists():
        return person
    return Person.objects.create(created_at=timezone.now()).pk


def running(one: UUID, two: UUID) -> PairDecision | None:
    """What a human decided about a pair and did not take back."""
    left, right = ordered(one, two)
    return PairDecision.objects.filter(left=left, right=right, ended_at=None).first()


def decide(actor: Actor, one: IdentityRecord, two: IdentityRecord, kind: str) -> PairDecision:
    """Write down that two records are, or are not, one person; an earlier word of the same pair ends."""
    left, right = ordered(one.pk, two.pk)
    before = running(left, right)
    if before is not None and before.kind == kind:
        return before
    end_decision(actor, left, right)
    return PairDecision.objects.create(
        left_id=left,
        right_id=right,
        agency=agency_of([one, two]),
        kind=kind,
        decided_at=timezone.now(),
        decided_by=actor.label,
    )


def end_decision(actor: Actor, one: UUID, two: UUID, reason: SealedText | None = None) -> None:
    """A decision ends; it stays on record, with the reason where one was told."""
    left, right = ordered(one, two)
    PairDecision.objects.filter(left=left, right=right, ended_at=None).update(
        ended_at=timezone.now(), ended_by=actor.label, end_reason=reason
    )


def kept_apart(left: Collection[UUID], right: Collection[UUID]) -> bool:
    """Whether somebody decided of any record of one person and any of the other that they are two."""
    crosses = Q(left__in=left, right__in=right) | Q(left__in=right, right__in=left)
    return PairDecision.objects.filter(crosses, kind=PairDecision.Kind.CANNOT, ended_at=None).exists()
