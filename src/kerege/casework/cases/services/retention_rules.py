"""Retention rules: find what is past its retention period, and dispose of it.

An app adds its rules in its `retention_rules.py`. Items under a hold are never due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from django.db.models import Max, Q

from kerege.base.registry import DEFAULT_ORDER, Registry
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import CaseFile
from kerege.casework.cases.services.attachments import shred_files
from kerege.casework.cases.services.erasure import erase_after_term
from kerege.casework.cases.services.legal_holds import held
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.models.identities import Person
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import add_months
from kerege.vocabulary.profile import active

NOT_A_VICTIM = "not_a_victim"
BATCH = 500


@dataclass(frozen=True)
class DueItem:
    """One item past its retention period: when the period began, and when it ended."""

    kind: str
    id: UUID
    label: str
    agency_id: UUID
    since: date
    due_on: date


Find = Callable[[date, int], Iterator[DueItem]]
Remove = Callable[[Actor, DueItem, str], None]


@dataclass(frozen=True)
class RetentionRule:
    """A retention rule for one kind of item.

    `find(today, months)` yields due items. `remove(actor, item, approved_by)` disposes of one. `kept(today, months)`
    counts items past their period that a hold keeps.
    """

    name: str
    find: Find
    remove: Remove
    kept: Callable[[date, int], int] | None = None
    order: int = DEFAULT_ORDER


# Each app adds rules in its `retention_rules.py`; the profile sets the retention period of a kind.
retention_rules: Registry[RetentionRule] = Registry("retention rules")


def months(kind: str) -> int | None:
    """Return the retention period of a kind in months; None when the profile sets none, so it is kept."""
    term = active().retention.get(kind)
    return term.months if term and kind in retention_rules else None


def due(kind: str, today: date) -> Iterator[DueItem]:
    """Yield the due items of a kind, the oldest first."""
    term, rule = months(kind), retention_rules.get(kind)
    return iter(()) if term is None or rule is None else rule.find(today, term)


def remove_item(actor: Actor, item: DueItem, approved_by: str) -> None:
    """Dispose of one item by the rule of its kind. Raises LookupError when the kind has no rule."""
    rule = retention_rules.get(item.kind)
    if rule is None:
        raise LookupError(f"no retention rule for {item.kind!r}")
    rule.remove(actor, item, approved_by)


def kept_longer(kind: str, today: date) -> int:
    """Count the items of a kind that are past their period but under a hold."""
    term, rule = months(kind), retention_rules.get(kind)
    return rule.kept(today, term) if term is not None and rule is not None and rule.kept is not None else 0


def retention_cutoff(today: date, term: int) -> date:
    """Return the last day on which a period of `term` months must begin to be over today."""
    return add_months(today, -term)


# -- persons: due when the retention period of every one of their cases is over ------------------------------------
def closed_past_term(today: date) -> Q:
    """Return a filter for closed cases past the retention period of their kind."""
    cases = Q(pk__in=[])
    for kind, reason in (
        ("closed_case", ~Q(closure_reason=NOT_A_VICTIM)),
        (NOT_A_CASE, Q(closure_reason=NOT_A_VICTIM)),
    ):
        if (term := months(kind)) is not None:
            cases |= reason & Q(status="closed", closed_on__lte=retention_cutoff(today, term))
    return cases


NOT_A_CASE = "not_a_victim_case"
CURRENT = {"record__memberships__to_at": None}


def person_finder(kind: str) -> Find:
    """Return a finder of the persons due under one rule. The case that closed last decides the rule."""
    return lambda today, term: (item for item, is_held in persons_over_term(kind, today, term) if not is_held)


def kept_person_counter(kind: str) -> Callable[[date, int], int]:
    """Return a counter of the persons past the same period who are under a hold."""
    return lambda today, term: sum(is_held for item, is_held in persons_over_term(kind, today, term))


def persons_over_term(kind: str, today: date, term: int) -> Iterator[tuple[DueItem, bool]]:
    """Yield persons whose cases are all past their period, each with whether a hold keeps them."""
    living = Case.objects.filter(record__data_key__wrapped__isnull=False, **CURRENT)
    running = living.exclude(closed_past_term(today)).values("record__memberships__person")
    reason = Q(closure_reason=NOT_A_VICTIM) if kind == NOT_A_CASE else ~Q(closure_reason=NOT_A_VICTIM)
    rows = living.filter(closed_past_term(today), reason).exclude(record__memberships__person__in=running)
    people = rows.order_by().values("record__memberships__person").annotate(last=Max("closed_on"))
    ordered = people.order_by("last", "record__memberships__person")
    pairs = ordered.values_list("record__memberships__person", "last")
    yield from _check_holds(kind, pairs.iterator(), term)


def _check_holds(kind: str, people: Iterable[tuple[UUID, date]], term: int) -> Iterator[tuple[DueItem, bool]]:
    """Yield persons of the kind with whether a case of theirs is held, in batches.

    A person with cases under both rules belongs to the rule of the case that closed last.
    """
    stream = iter(people)
    while batch := dict(islice(stream, BATCH)):
        cases = Case.objects.filter(record__memberships__person__in=batch, **CURRENT)
        columns = ("record__memberships__person", "pk", "reference", "agency", "closed_on", "closure_reason")
        rows = list(cases.values_list(*columns))
        held_cases = held([row[1] for row in rows])
        for person, last in batch.items():
            cases_of_person = sorted((row for row in rows if row[0] == person), key=lambda row: (row[4], row[2]))
            if (NOT_A_CASE if cases_of_person[-1][5] == NOT_A_VICTIM else "closed_case") == kind:
                label = ", ".join(row[2] for row in cases_of_person)
                item = DueItem(
                    kind=kind,
                    id=person,
                    label=label,
                    agency_id=cases_of_person[-1][3],
                    since=last,
                    due_on=add_months(last, term),
                )
                yield item, bool(held_cases & {row[1] for row in cases_of_person})


def erase_person(actor: Actor, item: DueItem, approved_by: str) -> None:
    """Erase a person whose retention period is over."""
    erase_after_term(actor, Person.objects.get(pk=item.id), approved_by)


# -- files of closed cases: disposed of before the record ---------------------------------------------------------
def find_due_files(today: date, term: int) -> Iterator[DueItem]:
    """Return the due files of closed cases."""
    return (item for item, is_held in files_over_term(today, term) if not is_held)


def count_kept_files(today: date, term: int) -> int:
    """Count the files past their period that a hold keeps."""
    return sum(is_held for item, is_held in files_over_term(today, term))


def files_over_term(today: date, term: int) -> Iterator[tuple[DueItem, bool]]:
    """Yield the files past their period, each with whether a hold keeps it."""
    rows = CaseFile.objects.filter(
        removed_at=None, case__status="closed", case__closed_on__lte=retention_cutoff(today, term)
    )
    ordered = rows.select_related("case").order_by("case__closed_on", "pk").iterator(BATCH)
    while batch := list(islice(ordered, BATCH)):
        held_cases = held({row.case_id for row in batch})
        for row in batch:
            if (since := row.case.closed_on) is not None:
                item = DueItem(
                    kind="file",
                    id=row.pk,
                    label=row.case.reference,
                    agency_id=row.case.agency_id,
                    since=since,
                    due_on=add_months(since, term),
                )
                yield item, row.case_id in held_cases


def remove_old_file(actor: Actor, item: DueItem, approved_by: str) -> None:
    """Destroy a file whose retention period is over; do nothing when it was removed meanwhile."""
    row = CaseFile.objects.select_related("case", "about", "stored").get(pk=item.id)
    if row.removed_at is None:
        shred_files(actor, [row], "not_needed")
        add_timeline_event(actor, row.case, item.due_on, "file_removed", document=row.kind)


retention_rules.add(
    RetentionRule(
        "closed_case", person_finder("closed_case"), erase_person, kept_person_counter("closed_case"), order=10
    ),
    RetentionRule(NOT_A_CASE, person_finder(NOT_A_CASE), erase_person, kept_person_counter(NOT_A_CASE), order=20),
    RetentionRule("file", find_due_files, remove_old_file, count_kept_files, order=30),
)
