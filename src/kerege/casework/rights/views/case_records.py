"""Pages of the rights of a person: what is recorded of each kind, and a form for each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from kerege.casework.assistance.views.form_view import save_form
from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.rights.forms import case_records as forms
from kerege.casework.rights.forms.values import Values
from kerege.casework.rights.models.case_records import CaseRecord
from kerege.casework.rights.models.child import AgeDoubt, BestInterest, Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.person_rights import Complaint, Reflection, RightsTold
from kerege.casework.rights.queries import legal_aid as queries
from kerege.casework.rights.queries.person_rights import list_concerns
from kerege.casework.rights.services import child, legal_aid, person_rights
from kerege.casework.vault.queries import identities as vault
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.core.database.fields import CodeField, CodesField
from kerege.web.templatetags.kerege import code


@dataclass(frozen=True)
class RecordKind:
    """A kind of record: its model, form and service, and the columns of codes that a line of it shows."""

    name: str
    heading: object
    add: object
    model: type[CaseRecord]
    form: type[forms.RecordForm]
    save: Callable[..., CaseRecord]
    title: str
    detail: str = ""
    only_child: bool = False


@dataclass(frozen=True)
class RecordLine:
    """A stored record in one line."""

    pk: UUID
    title: str
    detail: str
    on: date


KINDS = {
    kind.name: kind
    for kind in (
        RecordKind(
            name="guardian",
            heading=gettext_lazy("Who speaks for the child"),
            add=gettext_lazy("Record a guardian"),
            model=Guardian,
            form=forms.GuardianForm,
            save=child.save_guardian,
            title="kind",
            detail="conflict_ground",
            only_child=True,
        ),
        RecordKind(
            name="best-interest",
            heading=gettext_lazy("Best interests of the child"),
            add=gettext_lazy("Assess the best interests"),
            model=BestInterest,
            form=forms.BestInterestForm,
            save=child.save_best_interest,
            title="question",
            detail="answer",
            only_child=True,
        ),
        RecordKind(
            name="told",
            heading=gettext_lazy("Rights told to the person"),
            add=gettext_lazy("Record which rights were told"),
            model=RightsTold,
            form=forms.RightsToldForm,
            save=person_rights.save_rights_told,
            title="rights",
            detail="language",
        ),
        RecordKind(
            name="reflection",
            heading=gettext_lazy("Reflection period"),
            add=gettext_lazy("Record a reflection period"),
            model=Reflection,
            form=forms.ReflectionForm,
            save=person_rights.save_reflection,
            title="suspended",
        ),
        RecordKind(
            name="legal-aid",
            heading=gettext_lazy("Legal aid"),
            add=gettext_lazy("Record legal aid"),
            model=LegalAid,
            form=forms.LegalAidForm,
            save=legal_aid.save_legal_aid,
            title="matter",
            detail="outcome",
        ),
        RecordKind(
            name="penalised",
            heading=gettext_lazy("Charges for acts under force"),
            add=gettext_lazy("Record a charge against the person"),
            model=Penalised,
            form=forms.PenalisedForm,
            save=legal_aid.save_penalised,
            title="act",
            detail="outcome",
        ),
        RecordKind(
            name="complaint",
            heading=gettext_lazy("Complaints about an agency"),
            add=gettext_lazy("Record a complaint"),
            model=Complaint,
            form=forms.ComplaintForm,
            save=person_rights.save_complaint,
            title="subject",
            detail="outcome",
        ),
        RecordKind(
            name="age-doubt",
            heading=gettext_lazy("Doubt about the age"),
            add=gettext_lazy("Record a doubt about the age"),
            model=AgeDoubt,
            form=forms.AgeDoubtForm,
            save=child.save_age_doubt,
            title="methods",
            detail="result",
        ),
    )
}


def get_page(case: Case) -> str:
    """Return the URL of the page about the rights of a person."""
    return reverse("rights:person", args=[case.pk])


def list_lines(kind: RecordKind, case: Case) -> list[RecordLine]:
    """Return the records of a kind in one line each, the newest first."""
    day = kind.form.first_day
    rows = kind.model._default_manager.filter(case=case).order_by(f"-{day}", "pk")
    return [
        RecordLine(row.pk, _label(row, kind.title), _label(row, kind.detail), cast(date, getattr(row, day)))
        for row in rows
    ]


def _label(row: CaseRecord, column: str) -> str:
    if not column:
        return ""
    field = cast("CodeField | CodesField", row._meta.get_field(column))
    return code(getattr(row, column), field.list_name)


def _read_language(actor: Actor, case: Case) -> str:
    return str(identity_mapping.form_initial(vault.read(actor, case.record))["language"])


@pages.page("cases.change")
@require_GET
def show_rights(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what is recorded about the rights of a person, and what is missing."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    is_child = child.is_child_by_code(case)
    sections = [(kind, list_lines(kind, case)) for kind in KINDS.values()]
    context = bar(actor, case, vault.read(actor, case.record)) | {
        "concerns": list(list_concerns(case, timezone.localdate())),
        "sections": [(kind, lines) for kind, lines in sections if lines or is_child or not kind.only_child],
    }
    return TemplateResponse(request, "rights/person.html", context)


@pages.page("cases.change")
@require_GET
def list_legal_aid(request: HttpRequest) -> HttpResponse:
    """Show the open legal aid and the open charges against persons whom the agency helps."""
    actor = actor_of(request)
    context = {"aid": queries.list_open_aid(actor), "charges": queries.list_open_charges(actor)}
    return TemplateResponse(request, "rights/legal_aid.html", context)


@pages.page("cases.change")
@BOTH
def save_record(request: HttpRequest, pk: UUID, what: str, **ids: UUID) -> HttpResponse:
    """Add a record of one of the kinds, or change the one whose id the address names."""
    actor, kind = actor_of(request), KINDS[what]
    case = load(actor, pk, "cases.change")
    row = get_object_or_404(kind.model, pk=next(iter(ids.values())), case=case) if ids else None
    language = "" if row or request.POST else _read_language(actor, case)
    form = kind.form.of(row, request.POST or None, language=language)

    def save(data: Values) -> None:
        texts = {name: str(data.pop(name) or "") for name in kind.form.texts}
        stored = row or kind.model()
        for name, value in data.items():
            setattr(stored, name, value)
        kind.save(actor, case, stored, texts)

    words = (str(kind.heading), _("Save"), _("The entry is recorded."))
    return save_form(request, case, form, save, words, back=get_page(case))
