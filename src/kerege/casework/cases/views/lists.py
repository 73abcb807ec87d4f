"""The case list, and the search for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

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
from kerege.core.accounts import attempts
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor
from kerege.core.pages.page_of_rows import get_page_of_rows

PER_PAGE = 25
MOST_RESULTS = 25


@dataclass(frozen=True)
class CaseRow:
    """A case with the name and year of birth of its person, for a list."""

    case: Case
    name: str
    birth_year: str
    hidden: bool = False  # the name is not shared with the agency

    @property
    def main(self) -> Exploitation | None:
        """Return the main episode of exploitation; None without one."""
        return next(iter(self.case.exploitations.all()), None)


def with_main(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the cases with their main episode prefetched."""
    return cases.prefetch_related(Prefetch("exploitations", Exploitation.objects.filter(main=True)))


def read_rows(actor: Actor, cases: list[Case]) -> list[CaseRow]:
    """Decrypt the persons of these cases and return the rows of a list."""
    identities: dict[UUID, Identity] = vault.read_many(actor, {case.record_id for case in cases}) if cases else {}
    categories = shared_view.shared_categories_by_case(actor, cases)
    triples = [(case, categories[case.pk], identities.get(case.record_id, Identity())) for case in cases]
    return [
        CaseRow(
            shared_view.mask_unshared(case, shared),
            identity_mapping.display(person),
            identity_mapping.birth_year(person),
            hidden=shared is not None and "identity" not in shared,
        )
        for case, shared, person in triples
    ]


@pages.page("cases.view")
@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """Show the cases that the actor may see, filtered by codes."""
    actor = actor_of(request)
    form = FilterForm(agency_of(actor), request.GET)
    # Sort ids only, which is fast, and read the columns of the shown cases afterwards.
    case_ids = case_queries.case_list(actor, form.filters()).values_list("pk", flat=True)
    page = get_page_of_rows(case_ids, PER_PAGE, request.GET.get("page"))
    page_cases = Case.objects.filter(pk__in=list(page)).select_related("agency", "caseworker")
    filter_chips = list_filter_chips(request, form)
    context = {
        "form": form,
        "page": page,
        "rows": read_rows(actor, list(with_main(page_cases))),
        "chosen": filter_chips,
    }
    if authorization.allows(actor, "team.manage"):
        context |= {"may_reassign": True, "all_chosen": request.GET.urlencode() if filter_chips else ""}
    return TemplateResponse(request, "cases/list.html", context)


def list_filter_chips(request: HttpRequest, form: Any) -> list[dict[str, str]]:
    """Return each filter in use with the URL of the list without it."""
    chips = []
    for name, label in form.chosen():
        query = request.GET.copy()
        query.pop(name, None)
        query.pop("page", None)
        chips.append({"url": f"?{query.urlencode()}", "label": label})
    return chips


@pages.page("cases.view")
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Search by name, reference or document number. The search text never appears in a URL."""
    actor = actor_of(request)
    form = SearchForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        attempts.count_search(actor.label)
        matches = case_queries.search(actor, form.cleaned_data["text"])
        context |= {
            "rows": read_rows(actor, matches[:MOST_RESULTS]),
            "searched": True,
            "more": len(matches) > MOST_RESULTS,
        }
        # lets the language switch repeat the search by POST, without the text in the URL
        context["repost"] = [("text", form.cleaned_data["text"])]
        audit.note(results=len(matches))
        if not matches:
            context["elsewhere"] = document_lookup.look_up_document(actor, form.cleaned_data["text"])
    return TemplateResponse(request, "cases/search.html", context)
