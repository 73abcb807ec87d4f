"""Panels and badges that the app cases adds to a case's page: attachments, holds and erasure."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kerege.base.registry import Entry
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.page_layout import Badge, CasePanel, badges, case_panels
from kerege.casework.cases.services.attachments import read_file_details
from kerege.casework.cases.services.legal_holds import running_holds
from kerege.casework.cases.timeline import directory
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.authorization import Actor


def files_context(actor: Actor, case: Case) -> dict[str, Any]:
    """Return the context of the attachments: current ones with decrypted names, removed ones as receipts."""
    rows = list(case.files.select_related("stored", "about__data_key"))
    known = directory(row.created_by for row in rows)
    current = [
        {"row": row, "details": read_file_details(row), "by": known.worker(row.created_by)}
        for row in rows
        if row.removed_at is None
    ]
    removed = [row for row in rows if row.removed_at is not None]
    can_remove = not case.is_erased and authorization.allows(actor, "cases.change", case)
    return {
        "files": current,
        "removed_files": removed,
        "may_remove_files": can_remove,
        "may_add_files": not case.is_erased,
    }


def records_context(actor: Actor, case: Case) -> dict[str, Any]:
    """Return the context of holds and erasure, and whether the actor may place a hold or print."""
    holds = list(running_holds().filter(case=case).select_related("reason__data_key"))
    known = directory(hold.created_by for hold in holds)
    return {
        "holds": [
            {"row": row, "reason": open_text(row.reason) or "", "by": known.worker(row.created_by)} for row in holds
        ],
        "erasure": case.erasures.filter(agency=actor.agency_id).first(),
        "is_erased": case.is_erased,
        "may_hold": not case.is_erased and authorization.allows(actor, "holds.place", case),
        "may_print_history": authorization.allows(actor, "history.print", case),
    }


def erased_badge(actor: Actor, case: Case) -> Badge | None:
    """Return a badge when the person was erased."""
    return Badge(_("Personal data"), _("erased")) if case.is_erased else None


def hold_badge(actor: Actor, case: Case) -> Badge | None:
    """Return a badge when a legal hold runs."""
    return Badge(_("Legal hold"), _("running"), "yellow") if running_holds().filter(case=case).exists() else None


case_panels.add(
    CasePanel("cases/_files.html", files_context, "files", order=20, action="files.add", erased=True),
    CasePanel("cases/_keeping.html", records_context, "person", order=90, action="erasure.request", erased=True),
)
badges.add(Entry("erased", erased_badge, order=30), Entry("hold", hold_badge, order=40))
