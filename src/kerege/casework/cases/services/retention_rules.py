"""What has been kept long enough: due lists by the rules of the profile, and what removes each.

A room adds its rules in its `retention_rules.py`. Nothing is due while it must be kept.
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
from kerege.casework.cases.services.timeline_events import tell
from kerege.casework.vault.models.identities import Person
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import add_months
from kerege.vocabulary.profile import active

NOT_A_VICTIM = "not_a_victim"
BATCH = 500


@dataclass(frozen=True)
class Due:
    """One thing that has been kept long enough: what, since when its time runs, and since when it is over."""

    kind: str
    id: UUID
    label: str
    agency_id: UUID
    since: date
    due_on: date


Find = Callable[[date, int], Iterator[Due]]
Remove = Callable[[Actor, Due, str], None]


@dataclass(frozen=True)
class Rule:
    """How a kind is found (today, months) and removed (actor, what, who approved), and how many must be kept longer."""

    name: str
    find: Find
    remove: Remove
    kept: Callable[[date, int], int] | None = None
    order: int = DEFAULT_ORDER


# each room adds its rules in its `retention_rules.py`; the profile says after how many months a rule applies
retention_rules: Registry[Rule] = Registry("retention rules")


def months(kind: str) -> int | None:
    """How long a kind is kept; None when the profile does not say, and then it is kept."""
    told = active().retention.get(kind)
    return told.months if told and kind in retention_rules else None


def due(kind: str, today: date) -> Iterator[Due]:
    """What of a kind is due, the longest first."""
    term, rule = months(kind), retention_rules.get(kind)
    return iter(()) if term is None or rule is None else rule.find(today, term)


def remove(actor: Actor, what: Due, approved_by: str) -> None:
    """Remove one thing by the rule of its kind."""
    rule = retention_rules.get(what.kind)
    if rule is None:
        raise LookupError(f"no retention rule for {what.kind!r}")
    rule.remove(actor, what, approved_by)


def kept_longer(kind: str, today: date) -> int:
    """How many of a kind are over their term and must still be kept, by a hold or by what nobody is told."""
    term, rule = months(kind), retention_rules.get(kind)
    return rule.kept(today, term) if term is not None and rule is not None and rule.kept is not None else 0


def cutoff(today: date, term: int) -> date:
    """What ended on this day or before is due."""
    return add_months(today, -term)


def batches(rows: Iterable[Due]) -> Iterator[list[Due]]:
    """Parts of a stream."""
    stream = iter(rows)
    while part := list(islice(stream, BATCH)):
        yield part


# -- persons: due when the time of every one of their cases is over ------------------------------------------------
def over(today: date) -> Q:
    """Cases whose time is over, by the rule that applies to each."""
    found = Q(pk__in=[])
    for kind, which in (("closed_case", ~Q(closure_reason=NOT_A_VICTIM)), (NOT_A_CASE, Q(closure_reason=NOT_A_VICTIM))):
        if (term := months(kind)) is not None:
            found |= which & Q(status="closed", closed_on__lte=cutoff(today, term))
    return found


NOT_A_CASE = "not_a_victim_case"
CURRENT = {"record__memberships__to_at": None}


def persons(kind: str) -> Find:
    """Finds the persons due under one of the two rules: that of the case that closed last."""
    return lambda today, term: (what for what, kept in over_term(kind, today, term) if not kept)


def persons_kept(kind: str) -> Callable[[date, int], int]:
    """Counts the persons of the same rule who must be kept longer."""
    return lambda today, term: sum(kept for what, kept in over_term(kind, today, term))


def over_term(kind: str, today: date, term: int) -> Iterator[tuple[Due, bool]]:
    """Persons whose cases are all over their term, and whether one of these must be kept."""
    living = Case.objects.filter(record__data_key__wrapped__isnull=False, **CURRENT)
    running = living.exclude(over(today)).values("record__memberships__person")
    wanted = Q(closure_reason=NOT_A_VICTIM) if kind == NOT_A_CASE else ~Q(closure_reason=NOT_A_VICTIM)
    rows = living.filter(over(today), wanted).exclude(record__memberships__person__in=running)
    people = rows.order_by().values("record__memberships__person").annotate(last=Max("closed_on"))
    ordered = people.order_by("last").values_list("record__memberships__person", "last").iterator()
    yield from _judged(kind, ordered, term)


def _judged(kind: str, people: Iterable[tuple[UUID, date]], term: int) -> Iterator[tuple[Due, bool]]:
    """With what is held; a person with cases under both rules comes under the later closing."""
    stream = iter(people)
    while part := dict(islice(stream, BATCH)):
        cases = Case.objects.filter(record__memberships__person__in=part, **CURRENT)
        columns = ("record__memberships__person", "pk", "reference", "agency", "closed_on", "closure_reason")
        rows = list(cases.values_list(*columns))
        kept = held([row[1] for row in rows])
        for person, last in part.items():
            hers = sorted((row for row in rows if row[0] == person), key=lambda row: (row[4], row[2]))
            if (NOT_A_CASE if hers[-1][5] == NOT_A_VICTIM else "closed_case") == kind:
                label = ", ".join(row[2] for row in hers)
                found = Due(kind, person, label, hers[-1][3], last, add_months(last, term))
                yield found, bool(kept & {row[1] for row in hers})


def erase_person(actor: Actor, what: Due, approved_by: str) -> None:
    """Erase a person whose time is over."""
    erase_after_term(actor, Person.objects.get(pk=what.id), approved_by)


# -- files: they go before the record ------------------------------------------------------------------------------
def files(today: date, term: int) -> Iterator[Due]:
    """Files of cases that closed long enough ago."""
    return (what for what, kept in files_over_term(today, term) if not kept)


def files_kept(today: date, term: int) -> int:
    """How many of these files must be kept longer."""
    return sum(kept for what, kept in files_over_term(today, term))


def files_over_term(today: date, term: int) -> Iterator[tuple[Due, bool]]:
    """Files that are over their term, and whether they must be kept."""
    rows = CaseFile.objects.filter(removed_at=None, case__status="closed", case__closed_on__lte=cutoff(today, term))
    ordered = rows.select_related("case").order_by("case__closed_on", "pk").iterator(BATCH)
    while part := list(islice(ordered, BATCH)):
        kept = held({row.case_id for row in part})
        for row in part:
            if (since := row.case.closed_on) is not None:
                found = Due("file", row.pk, row.case.reference, row.case.agency_id, since, add_months(since, term))
                yield found, row.case_id in kept


def remove_old_file(actor: Actor, what: Due, approved_by: str) -> None:
    """Destroy a file whose time is over."""
    row = CaseFile.objects.select_related("case", "about", "stored").get(pk=what.id)
    if row.removed_at is None:
        shred_files(actor, [row], "not_needed")
        tell(actor, row.case, what.due_on, "file_removed", document=row.kind)


retention_rules.add(
    Rule("closed_case", persons("closed_case"), erase_person, persons_kept("closed_case"), order=10),
    Rule(NOT_A_CASE, persons(NOT_A_CASE), erase_person, persons_kept(NOT_A_CASE), order=20),
    Rule("file", files, remove_old_file, files_kept, order=30),
)
