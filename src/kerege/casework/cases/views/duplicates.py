"""The question whether somebody is known already, asked before her name is written down, and its answers."""

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
from kerege.casework.cases.queries.candidates import Candidate
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.web.forms import Form

# the answer: somebody new, a case to open instead, or the record of which it is another one
WHO, NEW, OPEN = "who", "new", "open:"
# the records that were on the page when it was given
SHOWN = "shown"


@dataclass(frozen=True)
class Option:
    """An answer as the page offers it: a case to open, or else the record to join."""

    id: str
    value: str
    case: Case | None = None


@dataclass(frozen=True)
class Card:
    """Somebody who is known, and what can be answered of her."""

    candidate: Candidate
    options: list[Option]


def drawn(request: HttpRequest, form: Form, found: Sequence[Candidate]) -> dict[str, Any]:
    """What the page needs of the question; nothing when nobody may be meant."""
    if not found:
        return {}
    numbers = count()

    def option(value: str, case: Case | None = None) -> Option:
        # the summary of faults links to the first one
        number = next(numbers)
        return Option(f"id_{WHO}_{number}" if number else f"id_{WHO}", value, case)

    shown = [
        Card(
            one,
            [option(f"{OPEN}{case.pk}", case) for case in one.to_open]
            + ([option(str(one.record.pk))] if one.joins else []),
        )
        for one in found
    ]
    return {"cards": shown, "nobody": option(NEW), "who": request.POST.get(WHO, ""), "question": form[WHO]}


def answered(request: HttpRequest, form: Form, found: Sequence[Candidate]) -> bool:
    """Whether the actor has said, of exactly these candidates, who the person is; else the form asks."""
    answers = {NEW, *_cases(found), *_records(found)}
    choices = [(answer, answer) for answer in sorted(answers)]
    form.fields[WHO] = forms.ChoiceField(label=_("Is it one of these people?"), required=False, choices=choices)
    if not {str(one.record.pk) for one in found} <= set(request.POST.getlist(SHOWN)):
        return False
    if request.POST.get(WHO) in answers:
        return True
    form.add_error(WHO, _("Say whether it is one of the people shown, or a new person."))
    return False


def opened(request: HttpRequest, found: Sequence[Candidate]) -> Case | None:
    """The case that the actor wants to open, and to save nothing."""
    return _cases(found).get(request.POST.get(WHO, ""))


def same(request: HttpRequest, found: Sequence[Candidate]) -> IdentityRecord | None:
    """The known record that the actor takes for the same person's."""
    return _records(found).get(request.POST.get(WHO, ""))


def to_case(request: HttpRequest, case: Case) -> HttpResponse:
    """To a case that is there already; the form stays a draft."""
    messages.info(request, _("Nothing is saved. What you typed waits on the page where you typed it."))
    return redirect("cases:case", pk=case.pk)


def side_by_side(known: IdentityRecord, new: IdentityRecord) -> HttpResponse:
    """To the page where two records are compared and become one: the only way in which they do."""
    return redirect("persons:merge", pk=known.pk, twin=new.pk)


def _cases(found: Sequence[Candidate]) -> dict[str, Case]:
    return {f"{OPEN}{case.pk}": case for one in found for case in one.to_open}


def _records(found: Sequence[Candidate]) -> dict[str, IdentityRecord]:
    return {str(one.record.pk): one.record for one in found if one.joins}
