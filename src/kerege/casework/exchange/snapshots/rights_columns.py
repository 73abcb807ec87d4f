"""Rights of a person in a snapshot: what was recorded until the day, over all their cases.

A right of which nothing is recorded has the code `not_recorded`, never *no*: an agency may have acted and not said so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce

from kerege.casework.justice.models import CompensationStep, ProtectionMeasure
from kerege.casework.rights.models.child import Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.legal_stay import StayStep
from kerege.casework.rights.models.person_rights import Complaint, Reflection, RightsTold

Pairs = Iterable[tuple[UUID, str]]
Codes = dict[str, dict[UUID, set[str]]]  # column -> case -> codes
RECORDED, NOT_RECORDED = "recorded", "not_recorded"
GRANTED, WAITING, DECLINED = "granted", "waiting", "declined"
# one code for a person with several requests: the first of these
STRONGEST = (GRANTED, WAITING, DECLINED, RECORDED, NOT_RECORDED)
PERMIT_STEPS = {"permit": GRANTED, "application": WAITING, "appeal": WAITING, "refusal": DECLINED}
FUND_STATES = {"paid": GRANTED, "recovered": GRANTED, "rejected": DECLINED, "told": ""}


def _answer(granted_on: date | None, refused_on: date | None, as_of: date) -> str:
    """Return the state of a request on a day."""
    if granted_on and granted_on <= as_of:
        return GRANTED
    return DECLINED if refused_on and refused_on <= as_of else WAITING


def _told(as_of: date) -> Pairs:
    return ((case, RECORDED) for case in RightsTold.objects.filter(told_on__lte=as_of).values_list("case", flat=True))


def _reflection(as_of: date) -> Pairs:
    return ((case, RECORDED) for case in Reflection.objects.filter(starts_on__lte=as_of).values_list("case", flat=True))


def _legal_aid(as_of: date) -> Pairs:
    rows = LegalAid.objects.filter(asked_on__lte=as_of).values_list("case", "granted_on", "refused_on")
    return ((case, _answer(granted, refused, as_of)) for case, granted, refused in rows)


def _legal_matter(as_of: date) -> Pairs:
    return LegalAid.objects.filter(granted_on__lte=as_of).values_list("case", "matter")


def _permit(as_of: date) -> Pairs:
    """Return the state of a permit in each case: the newest of its steps decides."""
    newest: dict[UUID, str] = {}
    rows = StayStep.objects.filter(kind__in=PERMIT_STEPS, done_on__lte=as_of).order_by("done_on", "recorded_at", "pk")
    for case, kind in rows.values_list("case", "kind"):
        newest[case] = PERMIT_STEPS[kind]
    return newest.items()


def _charge(as_of: date) -> Pairs:
    return ((case, RECORDED) for case in Penalised.objects.filter(since_on__lte=as_of).values_list("case", flat=True))


def _charge_outcome(as_of: date) -> Pairs:
    rows = Penalised.objects.filter(since_on__lte=as_of).values_list("case", "outcome", "outcome_on")
    return ((case, outcome if on and on <= as_of else "open") for case, outcome, on in rows)


def _complaint(as_of: date) -> Pairs:
    return ((case, RECORDED) for case in Complaint.objects.filter(sent_on__lte=as_of).values_list("case", flat=True))


def _complaint_outcome(as_of: date) -> Pairs:
    return Complaint.objects.filter(answered_on__lte=as_of).values_list("case", "outcome")


def _guardian(as_of: date) -> Pairs:
    rows = Guardian.objects.filter(from_on__lte=as_of).exclude(conflict="yes")
    return ((case, RECORDED) for case in rows.values_list("case", flat=True))


def _protection(as_of: date) -> Pairs:
    rows = ProtectionMeasure.objects.annotate(first=Coalesce("requested_on", "starts_on")).filter(
        first__lte=as_of, link__isnull=False, person="victim"
    )
    for case, starts, decided, refused in rows.values_list("link__case", "starts_on", "decided_on", "refused_on"):
        yield case, _answer(None if refused else starts or decided, refused, as_of)


def _fund(as_of: date) -> Pairs:
    """Return the newest step of each request to the fund."""
    rows = CompensationStep.objects.filter(
        compensation__source="fund", compensation__link__isnull=False, on__lte=as_of
    ).order_by("on", "recorded_at", "pk")
    newest = {
        compensation: (case, FUND_STATES.get(state, WAITING))
        for compensation, case, state in rows.values_list("compensation", F("compensation__link__case"), "state")
    }
    return ((case, state) for case, state in newest.values() if state)


# columns with one code for each person -> pairs (case, code) of the records until a day
SINGLE: Mapping[str, Callable[[date], Pairs]] = {
    "rights_told": _told,
    "reflection": _reflection,
    "legal_aid": _legal_aid,
    "residence_permit": _permit,
    "charge": _charge,
    "complaint": _complaint,
    "guardian": _guardian,
    "protection": _protection,
    "compensation_fund": _fund,
}
SEVERAL: Mapping[str, Callable[[date], Pairs]] = {
    "legal_matter": _legal_matter,
    "penalised_outcome": _charge_outcome,
    "complaint_outcome": _complaint_outcome,
}
OF_CHILDREN = frozenset({"guardian"})  # adults have no value in them


def codes_on(as_of: date) -> Codes:
    """Return the codes of each column and case on a day; the number of queries is that of the columns."""
    codes: Codes = {}
    for column, read in {**SINGLE, **SEVERAL}.items():
        codes[column] = defaultdict(set)
        for case, code in read(as_of):
            codes[column][case].add(code)
    return codes


def rights_columns(codes: Codes, cases: Iterable[UUID], *, is_child: bool) -> dict[str, object]:
    """Return the columns of a person from the codes of their cases."""
    own = list(cases)
    return dict(_columns(codes, own, is_child=is_child))


def _columns(codes: Codes, cases: list[UUID], *, is_child: bool) -> Iterator[tuple[str, object]]:
    for column in SINGLE:
        held = {code for case in cases for code in codes[column].get(case, ())}
        applies = is_child or column not in OF_CHILDREN
        yield column, next((code for code in STRONGEST if code in held), NOT_RECORDED) if applies else ""
    for column in SEVERAL:
        yield column, sorted({code for case in cases for code in codes[column].get(case, ())})
