"""Links between records and persons. No membership is overwritten: old ones end and new ones begin.

The callers check the right, hold the audited event, and bypass row-level security.
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
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion, Membership, Person, SealedText
from kerege.casework.vault.queries.identities import with_merged
from kerege.casework.vault.services.identities import save_text, surviving_record_id
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor

CHANGED_MEANWHILE = Fault(
    gettext_noop("another user is linking or unlinking these records now"), gettext_noop("try again")
)


@dataclass(frozen=True)
class LinkDetails:
    """Kind, source and reason of a link, and further data for its journal."""

    kind: str = Merge.Kind.LINK
    source: str = Merge.Source.HUMAN
    candidate: MatchCandidate | None = None
    model_version: str = ""
    reason: str = ""
    journal: dict[str, Any] = field(default_factory=dict)


def ordered_pair(first: UUID, second: UUID) -> tuple[UUID, UUID]:
    """Return the two ids with the smaller one first, as a pair is stored."""
    return (first, second) if first < second else (second, first)


def person_of(record_id: UUID) -> UUID:
    """Return the current person of a record."""
    return Membership.objects.values_list("person_id", flat=True).get(record=record_id, to_at=None)


def records_of(person: UUID) -> list[UUID]:
    """Return the records of a person, ordered by id."""
    rows = Membership.objects.filter(person=person, to_at=None)
    return list(rows.order_by("record").values_list("record_id", flat=True))


def registrars_of(record_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Return the user who registered each record; None for a command."""
    rows = IdentityVersion.objects.filter(record__in=record_ids, number=1)
    return dict(rows.values_list("record_id", "author_id"))


def registrar_of_both(first: UUID, second: UUID) -> UUID | None:
    """Return the user who registered both records; None without such a user."""
    registrars = registrars_of([first, second])
    return registrars.get(first) if registrars.get(first) == registrars.get(second) else None


def has_registered_both(actor: Actor, first: UUID, second: UUID) -> bool:
    """Return whether the actor is a user who registered both records."""
    return actor.user_id is not None and actor.user_id == registrar_of_both(first, second)


def merged_into(record_id: UUID) -> list[UUID]:
    """Return a record and every record that was merged into it."""
    return list(with_merged([record_id]))


def merged_group(record_id: UUID) -> list[UUID]:
    """Return the surviving record and every record that was merged into it."""
    return merged_into(surviving_record_id(record_id))


def lock_persons(*record_ids: UUID) -> dict[UUID, IdentityRecord]:
    """Lock every record of the persons of these records, in the order of their ids; return all by id.

    Raises BadInput when another user linked or unlinked one of them meanwhile, or when one of the given was erased.
    """
    expected_ids = _records_of_persons(record_ids)
    # no_key: rows that refer to a record may still be added; changes, links and unlinks wait
    rows = IdentityRecord.objects.select_for_update(no_key=True, of=("self",)).select_related("data_key", "agency")
    locked = {row.pk: row for row in rows.filter(pk__in=expected_ids).order_by("pk")}
    if _records_of_persons(record_ids) != expected_ids:
        raise BadInput(CHANGED_MEANWHILE)
    # query after the lock: a join would return the state from before the wait
    if IdentityRecord.objects.filter(pk__in=record_ids, data_key__wrapped=None).exists():
        raise BadInput(Fault(gettext_noop("this person was erased"), gettext_noop("reload the page")))
    return locked


def _records_of_persons(record_ids: Iterable[UUID]) -> set[UUID]:
    """Return all records of the persons of these records."""
    persons = Membership.objects.filter(record__in=list(record_ids), to_at=None).values("person")
    return set(Membership.objects.filter(person__in=persons, to_at=None).values_list("record_id", flat=True))


def agency_of(records: Iterable[IdentityRecord]) -> Agency | None:
    """Return the agency of the records; None when they belong to several agencies."""
    agencies = {record.agency_id: record.agency for record in records}
    return next(iter(agencies.values())) if len(agencies) == 1 else None


def is_actor(actor: Actor, user: str, label: str) -> Q:
    """Return the condition that the actor wrote a row: a user by `user`, a command by `label`."""
    return Q(**{user: actor.user_id}) if actor.user_id else Q(**{user: None, label: actor.label})


def link_records(actor: Actor, kept: IdentityRecord, other: IdentityRecord, details: LinkDetails) -> Merge:
    """Link the records of two persons to the person of `kept`; return the link with its journal.

    The caller locks the records.
    """
    person, old_person = person_of(kept.pk), person_of(other.pk)
    moved_ids = [] if person == old_person else records_of(old_person)
    journal = {
        "person": str(person),
        "from": str(old_person),
        "moved": [str(pk) for pk in moved_ids],
        "with": [str(pk) for pk in records_of(person) if pk not in moved_ids],
    }
    move_records(actor, moved_ids, person, details)
    row = Merge(
        kind=details.kind,
        source=details.source,
        kept=kept,
        other=other,
        agency=agency_of([kept, other]),
        candidate=details.candidate,
        model_version=details.model_version,
        made_at=timezone.now(),
        made_by=actor.label,
        maker_id=actor.user_id,
        journal=save_text(kept.data_key, details.journal | {"memberships": journal}),
    )
    if details.reason:
        row.reason = save_text(kept.data_key, details.reason)
    row.save(force_insert=True)
    return row


def move_records(actor: Actor, records: Collection[UUID], person: UUID, details: LinkDetails) -> None:
    """End the memberships of records and begin new ones."""
    now = timezone.now()
    Membership.objects.filter(record__in=records, to_at=None).update(to_at=now)
    source = Membership.Source.AUTO if details.source == Merge.Source.AUTO else Membership.Source.HUMAN
    Membership.objects.bulk_create(
        Membership(
            record_id=pk,
            person_id=person,
            from_at=now,
            source=source,
            created_by=actor.label,
            model_version=details.model_version,
        )
        for pk in records
    )


def unlink_records(actor: Actor, merge: Merge, journal: dict[str, Any], details: LinkDetails) -> bool:
    """Move the records of an undone link back to their person; return False if another link joins the two."""
    current_ids = set(records_of(person_of(merge.kept_id)))
    if merge.other_id not in current_ids:
        return True
    group = _linked_group(merge, journal, current_ids)
    if merge.kept_id in group:
        return False
    move_records(actor, sorted(group), _person_to_return_to(UUID(journal["from"])), details)
    return True


def _linked_group(merge: Merge, journal: dict[str, Any], current_ids: set[UUID]) -> set[UUID]:
    """Return the records that go with the leaving one, by links before this link and since."""
    edges = _edges(Merge.objects.filter(kept__in=current_ids, undone_at=None).exclude(pk=merge.pk))
    journal_ids = {merge.kept_id, merge.other_id, *map(UUID, journal["moved"]), *map(UUID, journal["with"])}
    links_before = Merge.objects.filter(kept__in=journal_ids, made_at__lt=merge.made_at)
    edges_before = _edges(links_before.exclude(undone_at__lte=merge.made_at))
    # records that belonged together before without a link stay together; of links, only those that stand count
    for anchor, members in ((merge.other_id, journal["moved"]), (merge.kept_id, journal["with"])):
        for pk in current_ids & set(map(UUID, members)) - _connected(edges_before, anchor):
            edges[anchor].add(pk)
            edges[pk].add(anchor)
    return _connected(edges, merge.other_id)


def linked_among(records: Collection[UUID], start: UUID, without: MatchCandidate | None = None) -> set[UUID]:
    """Return those of `records` that links connect with `start`, through records of the collection only.

    Leaves out the links of the pair `without`.
    """
    links = Merge.objects.filter(kept__in=records, other__in=records, undone_at=None)
    return _connected(_edges(links.exclude(candidate=without) if without else links), start)


def _edges(links: QuerySet[Merge]) -> dict[UUID, set[UUID]]:
    """Return the graph of links as an adjacency mapping."""
    edges: dict[UUID, set[UUID]] = defaultdict(set)
    for left, right in links.values_list("kept_id", "other_id"):
        edges[left].add(right)
        edges[right].add(left)
    return edges


def _connected(edges: Mapping[UUID, set[UUID]], start: UUID) -> set[UUID]:
    """Return all records that the edges connect with `start`, including it."""
    reached, frontier = set[UUID](), {start}
    while frontier:
        reached |= frontier
        frontier = {pk for node in frontier for pk in edges.get(node, ())} - reached
    return reached


def _person_to_return_to(person: UUID) -> UUID:
    """Return the former person of the records, or a new one if other records belong to it now."""
    if not Membership.objects.filter(person=person, to_at=None).exists():
        return person
    return Person.objects.create(created_at=timezone.now()).pk


def current_decision(first: UUID, second: UUID) -> PairDecision | None:
    """Return the human decision about a pair that was not ended; None without one."""
    left, right = ordered_pair(first, second)
    return PairDecision.objects.filter(left=left, right=right, ended_at=None).first()


def record_decision(actor: Actor, first: IdentityRecord, second: IdentityRecord, kind: str) -> PairDecision:
    """Record that two records are, or are not, one person; an earlier decision of the pair ends.

    Returns the current decision when it has the same kind.
    """
    left, right = ordered_pair(first.pk, second.pk)
    current = current_decision(left, right)
    if current is not None and current.kind == kind:
        return current
    end_decision(actor, left, right)
    return PairDecision.objects.create(
        left_id=left,
        right_id=right,
        agency=agency_of([first, second]),
        kind=kind,
        decided_at=timezone.now(),
        decided_by=actor.label,
    )


def end_decision(actor: Actor, first: UUID, second: UUID, reason: SealedText | None = None) -> None:
    """End the decision about a pair; the row is kept, with the reason if there is one."""
    left, right = ordered_pair(first, second)
    PairDecision.objects.filter(left=left, right=right, ended_at=None).update(
        ended_at=timezone.now(), ended_by=actor.label, end_reason=reason
    )


def has_cannot_decision(left: Collection[UUID], right: Collection[UUID]) -> bool:
    """Return whether a decision keeps any record of one group apart from any of the other."""
    is_across = Q(left__in=left, right__in=right) | Q(left__in=right, right__in=left)
    return PairDecision.objects.filter(is_across, kind=PairDecision.Kind.CANNOT, ended_at=None).exists()
