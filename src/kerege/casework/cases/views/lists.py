"""The case list, and the search for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_http_methods

from kerege.casework.cases import identity_mapping, shared_view
from kerege.casework.cases.forms.case import FilterForm, SearchForm
from kerege.casework.cases.models.case import Case, Exploitation
from kerege.casework.cases.queries import cases as case_queries
from kerege.casework.cases.queries import document_lookup
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.queries import identities as vault
from kerege.core import audit, authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor

PER_PAGE = 25
MOST_RESULTS = 25


@dataclass(frozen=True)
class Row:
    """A case with the little of its person that a list shows."""

    case: Case
    name: str
    birth_year: str
    hidden: bool = False  # the name is not shared with the reader

    @property
    def main(self) -> Exploitation | None:
        """Its main episode of exploitation."""
        return next(iter(self.case.exploitations.all()), None)


def with_main(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The cases with their main episode, read at once."""
    return cases.prefetch_related(Prefetch("exploitations", Exploitation.objects.filter(main=True)))


def rows(actor: Actor, cases: list[Case]) -> list[Row]:
    """Unseal the persons of these cases, and of no others."""
    known: dict[UUID, Identity] = vault.read_many(actor, {case.record_id for case in cases}) if cases else {}
    categories = shared_view.granted_many(actor, cases)
    told = [(case, categories[case.pk], known.get(case.record_id, Identity())) for case in cases]
    return [
        Row(
            shared_view.seen(case, shared),
            identity_mapping.display(person),
            identity_mapping.birth_year(person),
            hidden=shared is not None and "identity" not in shared,
        )
        for case, shared, person in told
    ]


@pages.page("cases.view")
@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases that the actor may see, narrowed by codes."""
    actor = actor_of(request)
    form = FilterForm(agency_of(actor), request.GET)
    # only ids are sorted; the columns are read of the cases that are shown
    found = case_queries.case_list(actor, form.filters()).values_list("pk", flat=True)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    shown = Case.objects.filter(pk__in=list(page)).select_related("agency", "caseworker")
    chosen = chips(request, form)
    context = {"form": form, "page": page, "rows": rows(actor, list(with_main(shown))), "chosen": chosen}
    if authorization.allows(actor, "team.manage"):
        context |= {"may_reassign": True, "all_chosen": request.GET.urlencode() if chosen else ""}
    return TemplateResponse(request, "cases/list.html", context)


def chips(request: HttpRequest, form: Any) -> list[dict[str, str]]:
    """Each filter in use, with the address of the list without it."""
    chips = []
    for name, words in form.chosen():
        query = request.GET.copy()
        query.pop(name, None)
        query.pop("page", None)
        chips.append({"url": f"?{query.urlencode()}", "label": words})
    return chips


@pages.page("cases.view")
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Search by name, reference or document number. What is searched for never stands in an address."""
    actor = actor_of(request)
    form = SearchForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        found = case_queries.search(actor, form.cleaned_data["text"])
        context |= {"rows": rows(actor, found[:MOST_RESULTS]), "searched": True, "more": len(found) > MOST_RESULTS}
        # the same search in another language: again without a word of it in the address
        context["repost"] = [("text", form.cleaned_data["text"])]
        audit.note(results=len(found))
        if not found:
            context["elsewhere"] = document_lookup.elsewhere(actor, form.cleaned_data["text"])
    return TemplateResponse(request, "cases/search.html", context)
