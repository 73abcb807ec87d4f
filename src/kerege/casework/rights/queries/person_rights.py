"""Reads about the rights of a person: open concerns of a case, and the answers to the five questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from kerege.casework.cases.models.case import Case
from kerege.casework.rights.models.child import AgeDoubt
from kerege.casework.rights.models.legal_aid import Penalised
from kerege.casework.rights.models.person_rights import Reflection, RightsTold, SurveyAnswer
from kerege.casework.rights.services.child import has_fit_guardian, has_only_unfit_guardians, is_child_by_code
from kerege.core.accounts.models import Agency
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active
from kerege.web.templatetags.kerege import code


@dataclass(frozen=True)
class SurveyCount:
    """Answers to one question: counts by answer."""

    question: str
    counts: list[tuple[str, int]]


@dataclass(frozen=True)
class SurveyResult:
    """Answers that an agency got since a half-year; none below the threshold."""

    since: str
    sheets: int
    threshold: int
    questions: list[SurveyCount]


def list_concerns(case: Case, today: date) -> Iterator[tuple[str, bool]]:
    """Yield what is missing of the rights of a person, each with whether it is urgent."""
    if is_child_by_code(case):
        if has_only_unfit_guardians(case):
            yield _("The guardian has a conflict of interest: another one must speak for the child"), True
        elif not has_fit_guardian(case):
            yield _("Nobody is recorded who speaks for the child"), True
        if AgeDoubt.objects.filter(case=case, decided_on=None).exists():
            yield _("The age is in doubt: the person counts as a child"), False
    yield from _list_untold_rights(case)
    if Penalised.objects.filter(case=case, outcome="open").exists():
        yield _("A charge against the person is open: a lawyer asks that it is dropped"), True
    if any(row.last_day >= today for row in Reflection.objects.filter(case=case)):
        yield _("A reflection period runs"), False


def _list_untold_rights(case: Case) -> Iterator[tuple[str, bool]]:
    """Yield that no right was told yet, or which rights the person did not understand when last told."""
    rows = list(RightsTold.objects.filter(case=case).order_by("told_on", "recorded_at"))
    if not rows:
        yield _("The rights were not told yet"), False
    understood = {right: right not in row.not_understood for row in rows for right in row.rights}
    if again := [right for right, is_clear in understood.items() if not is_clear]:
        yield _("Tell these rights again: %(rights)s") % {"rights": code(again, "person_right")}, False


def read_survey(agency: Agency, since: str) -> SurveyResult:
    """Return the answers of an agency from a half-year on, as counts; none when the sheets are too few.

    The threshold is that of published figures: fewer sheets could show what one person answered.
    """
    rows = list(SurveyAnswer.objects.filter(agency=agency, half__gte=since))
    threshold = active().threshold
    if len(rows) < threshold:
        return SurveyResult(since, 0, threshold, [])
    answers = [*codes.code_list("survey_answer").codes, "refused"]
    questions = [
        SurveyCount(name, [(answer, sum(getattr(row, name) == answer for row in rows)) for answer in answers])
        for name in codes.code_list("survey_question").codes
    ]
    return SurveyResult(since, len(rows), threshold, questions)
