"""Counts about the rights of persons over all agencies: stay, legal aid, complaints, children, fund."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, F, Model, OuterRef, QuerySet
from django.utils import timezone

from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.cases.models.case import Case
from kerege.casework.desk.durations import DaysBetween, DurationSummary, summarise_durations
from kerege.casework.desk.statistics.programme import Proportion, ReportingPeriod
from kerege.casework.justice.models import Breach, Compensation, CompensationStep, ProtectionMeasure
from kerege.casework.rights.models.child import BestInterest, Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.legal_stay import StayStep
from kerege.casework.rights.models.person_rights import Complaint, RightsTold
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary.profile import active

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class ListCounts:
    """Number of records with each code of a list, the most frequent first."""

    list_name: str
    counts: list[tuple[str, int]]

    @property
    def total(self) -> int:
        """Return the sum of the counts."""
        return sum(count for _code, count in self.counts)


@dataclass(frozen=True)
class RightsFigures:
    """Figures of the cases registered in a period; protection and the fund count by their own days."""

    rights_explained: Proportion
    legal_aid: int
    granted: Proportion
    refused: int
    at_first_interview: Proportion
    days_to_lawyer: DurationSummary
    aid_outcomes: ListCounts
    charges: ListCounts
    steps: ListCounts
    refusals: ListCounts
    notices_in_time: Proportion
    complaints: ListCounts
    answered_in_time: Proportion
    reviewed_in_time: Proportion
    days_to_guardian: DurationSummary
    protection: ListCounts
    breaches: ListCounts
    fund: ListCounts
    paid_of_asked: Proportion


def count_rights(actor: Actor, period: ReportingPeriod) -> RightsFigures:
    """Return the figures of a period over all agencies; they name no person and no case."""
    cases = authorization.scope(actor, Case, action="desk.count_cases").order_by()
    cases = cases.filter(registered_on__gte=period.first, registered_on__lte=period.last)
    with session_scope.bypass_row_security("counts over all agencies, without a person"):
        explained = cases.filter(Exists(RightsTold.objects.filter(case=OuterRef("pk"))))
        aid = LegalAid.objects.filter(case__in=cases).order_by()
        begun = aid.exclude(granted_on=None)
        complaints = Complaint.objects.filter(case__in=cases).order_by()
        steps = StayStep.objects.filter(case__in=cases).order_by()
        measures = _in_period(ProtectionMeasure.objects.all(), "requested_on", period)
        fund = _in_period(CompensationStep.objects.filter(compensation__source="fund"), "on", period)
        asked = Compensation.objects.filter(source="fund", steps__in=fund.filter(state="asked")).distinct()
        return RightsFigures(
            rights_explained=Proportion(explained.count(), cases.count()),
            legal_aid=aid.count(),
            granted=Proportion(begun.count(), aid.count()),
            refused=aid.exclude(refused_on=None).count(),
            at_first_interview=_share_of_yes(begun),
            days_to_lawyer=_days_between(aid, "asked_on", "granted_on"),
            aid_outcomes=_by_code("legal_aid_outcome", aid, "outcome"),
            charges=_by_code("penalised_outcome", Penalised.objects.filter(case__in=cases), "outcome"),
            steps=_by_code("stay_step", steps, "kind"),
            refusals=_by_code("stay_refusal", steps, "refusal"),
            notices_in_time=_notices_in_time(cases),
            complaints=_by_code("complaint_outcome", complaints, "outcome"),
            answered_in_time=_answered_in_time(complaints),
            reviewed_in_time=_reviewed_in_time(cases),
            days_to_guardian=_days_to_guardian(cases),
            protection=_protection_states(measures),
            breaches=_by_code("breach_kind", _in_period(Breach.objects.all(), "on", period), "kind"),
            fund=_by_code("compensation_state", fund, "state"),
            paid_of_asked=Proportion(asked.filter(steps__state="paid").distinct().count(), asked.count()),
        )


def _in_period(rows: QuerySet[M], field: str, period: ReportingPeriod) -> QuerySet[M]:
    return rows.filter(**{f"{field}__gte": period.first, f"{field}__lte": period.last}).order_by()


def _by_code(list_name: str, rows: QuerySet[M], field: str) -> ListCounts:
    codes = rows.order_by().exclude(**{field: ""}).values_list(field, flat=True)
    return ListCounts(list_name, Counter(codes).most_common())


def _share_of_yes(rows: QuerySet[LegalAid]) -> Proportion:
    """Return how many had a lawyer at the first interview, of those for whom the answer is yes or no."""
    answered = rows.filter(at_first_interview__in=["yes", "no"])
    return Proportion(answered.filter(at_first_interview="yes").count(), answered.count())


def _days_between(rows: QuerySet[M], first: str, last: str) -> DurationSummary:
    days = rows.annotate(days=DaysBetween(F(first), F(last))).values_list("days", flat=True)
    return summarise_durations((day, 1) for day in days)


def _notices_in_time(cases: QuerySet[Case]) -> Proportion:
    """Return the notices of the host that kept their clock, of the stays for which one was sent."""
    stays = Stay.objects.filter(case__in=cases).prefetch_related("host_notices")
    sent = [(stay.arrived_on, notice.done_on) for stay in stays for notice in stay.host_notices.all()]
    return Proportion(sum(done <= active().due("host_notice", arrived) for arrived, done in sent), len(sent))


def _answered_in_time(complaints: QuerySet[Complaint]) -> Proportion:
    """Return the complaints answered in time, of those that were answered or whose clock has ended."""
    today, profile = timezone.localdate(), active()
    days = complaints.values_list("sent_on", "answered_on")
    due = [(profile.due("complaint_answer", sent), answered) for sent, answered in days]
    ended = [(last, answered) for last, answered in due if answered or last < today]
    return Proportion(sum(answered is not None and answered <= last for last, answered in ended), len(ended))


def _reviewed_in_time(cases: QuerySet[Case]) -> Proportion:
    """Return the reviews of the best interests that were followed in time, of those that are due."""
    today = timezone.localdate()
    rows = list(BestInterest.objects.filter(case__in=cases).values_list("case", "question", "decided_on", "review_on"))
    due = [row for row in rows if row[3] and row[3] < today]
    followed = [
        any(other[:2] == row[:2] and row[2] < other[2] <= row[3] for other in rows) for row in due if row[3] is not None
    ]
    return Proportion(sum(followed), len(due))


def _days_to_guardian(cases: QuerySet[Case]) -> DurationSummary:
    """Return the days from registration to the first guardian without a conflict of interest."""
    first: dict[object, int] = {}
    rows = Guardian.objects.filter(case__in=cases).exclude(conflict="yes").select_related("case").order_by("from_on")
    for row in rows:
        first.setdefault(row.case_id, max((row.from_on - row.case.registered_on).days, 0))
    return summarise_durations((days, 1) for days in first.values())


def _protection_states(measures: QuerySet[ProtectionMeasure]) -> ListCounts:
    """Return how many measures were refused, granted, or wait for their decision."""
    states = Counter[str]()
    for refused, decided, starts in measures.values_list("refused_on", "decided_on", "starts_on"):
        states["declined" if refused else "granted" if decided or starts else "waiting"] += 1
    return ListCounts("protection_answer", states.most_common())
