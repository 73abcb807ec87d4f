"""The question whether a person is already known, asked before their name is stored, and its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.candidates import PersonCandidate
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.web.forms import Form

# answers: a new person, a case to open instead, or (an id) a record to join
WHO, NEW, OPEN = "who", "new", "open:"
# form field with the records that the page showed
SHOWN = "shown"


@dataclass(frozen=True)
class AnswerOption:
    """An answer on the page: a case to open, or a record to join."""

    id: str
    value: str
    case: Case | None = None


@dataclass(frozen=True)
class CandidateCard:
    """A known person on the page, with the answers about them."""

    candidate: PersonCandidate
    options: list[AnswerOption]


def question_context(request: HttpRequest, form: Form, candidates: Sequence[PersonCandidate]) -> dict[str, Any]:
    """Return the context of the question; an empty dict when there are no candidates."""
    if not candidates:
        return {}
    numbers = count()

    def option(value: str, case: Case | None = None) -> AnswerOption:
        # the error summary links to the first option, so its id has no number
        number = next(numbers)
        return AnswerOption(f"id_{WHO}_{number}" if number else f"id_{WHO}", value, case)

    cards = [
        CandidateCard(
            candidate,
            [option(f"{OPEN}{case.pk}", case) for case in candidate.to_open]
            + ([option(str(candidate.record.pk))] if candidate.joins else []),
        )
        for candidate in candidates
    ]
    return {"cards": cards, "nobody": option(NEW), "who": request.POST.get(WHO, ""), "question": form[WHO]}


def is_answered(request: HttpRequest, form: Form, candidates: Sequence[PersonCandidate]) -> bool:
    """Return whether the actor answered the question about all of these candidates.

    Adds the question to the form, with an error when a shown question has no answer.
    """
    answers = {NEW, *_cases_by_answer(candidates), *_records_by_answer(candidates)}
    choices = [(answer, answer) for answer in sorted(answers)]
    form.fields[WHO] = forms.ChoiceField(label=_("Is it one of these people?"), required=False, choices=choices)
    if not {str(candidate.record.pk) for candidate in candidates} <= set(request.POST.getlist(SHOWN)):
        return False
    if request.POST.get(WHO) in answers:
        return True
    form.add_error(WHO, _("Choose one of the people shown, or choose a new person."))
    return False


def chosen_case(request: HttpRequest, candidates: Sequence[PersonCandidate]) -> Case | None:
    """Return the case that the actor chose to open instead of saving."""
    return _cases_by_answer(candidates).get(request.POST.get(WHO, ""))


def chosen_record(request: HttpRequest, candidates: Sequence[PersonCandidate]) -> IdentityRecord | None:
    """Return the known record that the actor identified as the same person."""
    return _records_by_answer(candidates).get(request.POST.get(WHO, ""))


def redirect_to_case(request: HttpRequest, case: Case) -> HttpResponse:
    """Redirect to an existing case; the form stays a draft."""
    messages.info(request, _("Nothing is saved. Your text is on the page where you typed it."))
    return redirect("cases:case", pk=case.pk)


def redirect_to_comparison(known: IdentityRecord, new: IdentityRecord) -> HttpResponse:
    """Redirect to the page that compares two records, the only place where they can be merged."""
    return redirect("persons:merge", pk=known.pk, twin=new.pk)


def _cases_by_answer(candidates: Sequence[PersonCandidate]) -> dict[str, Case]:
    return {f"{OPEN}{case.pk}": case for candidate in candidates for case in candidate.to_open}


def _records_by_answer(candidates: Sequence[PersonCandidate]) -> dict[str, IdentityRecord]:
    return {str(candidate.record.pk): candidate.record for candidate in candidates if candidate.joins}
