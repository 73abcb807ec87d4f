"""Panels, badges and pages of tasks that the rights app adds to a case."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kerege.base.registry import Entry
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.page_layout import Badge, CasePanel, ClosingPaper, badges, case_panels, closing_papers
from kerege.casework.cases.task_pages import task_pages
from kerege.casework.rights.queries.legal_stay import is_foreigner, read_state
from kerege.casework.rights.queries.person_rights import list_concerns
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.web.templatetags.kerege import day


def build_stay_panel(actor: Actor, case: Case) -> dict[str, object]:
    """Return the right to stay of a foreigner, or of a person whose citizenship is not known."""
    foreigner = is_foreigner(case)
    needs_panel = foreigner is not False or case.stay_rights.exists()
    return {"foreigner": foreigner, "legal_stay": read_state(case, timezone.localdate()) if needs_panel else None}


def build_rights_panel(actor: Actor, case: Case) -> dict[str, object]:
    """Return what is missing of the rights of a person."""
    return {"rights_concerns": list(list_concerns(case, timezone.localdate()))}


def build_stay_badge(actor: Actor, case: Case) -> Badge | None:
    """Return a badge with the last day of the right to stay when it is near, for the readers of its page."""
    if case.status == "closed" or not is_foreigner(case):
        return None
    state = read_state(case, timezone.localdate())
    is_shown = state.is_near and authorization.allows(actor, "cases.change", case)
    return Badge(_("Right to stay"), day(state.end.day), "red") if is_shown else None


case_panels.add(
    CasePanel("rights/_legal_stay.html", build_stay_panel, "assistance", order=20, action="cases.change"),
    CasePanel("rights/_person.html", build_rights_panel, "assistance", order=30, action="cases.change"),
)
badges.add(Entry("legal_stay", build_stay_badge, order=25))
closing_papers.add(
    ClosingPaper(
        "rights:survey-sheet",
        gettext_lazy("Print the sheet with the five questions"),
        gettext_lazy("The person answers without a name and gives it back in an envelope."),
    )
)
task_pages.add(*(Entry(kind, "rights:legal-stay") for kind in ("clarify_stay", "extend_stay", "host_notice")))
task_pages.add(
    *(
        Entry(kind, "rights:person")
        for kind in ("find_guardian", "review_interests", "end_reflection", "answer_complaint")
    )
)
