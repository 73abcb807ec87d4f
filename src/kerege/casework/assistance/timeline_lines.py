"""Timeline lines about plans, stays, documents, returns, contacts, handovers and shares."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kerege.base.registry import Entry
from kerege.casework.cases.timeline import Directory, Words, Writer, timeline_lines
from kerege.web.templatetags.kerege import code


def _plan(detail: dict[str, Any], directory: Directory) -> Words:
    return _("The plan has ended") if detail.get("ended") else _("A plan has begun"), ""


def _plan_agreement(detail: dict[str, Any], directory: Directory) -> Words:
    return _("The person's answer to the plan"), code(detail.get("answer", ""), "plan_agreement")


def _plan_review(detail: dict[str, Any], directory: Directory) -> Words:
    return _("Plan reviewed"), code(detail.get("result", ""), "review_result")


def _goal(detail: dict[str, Any], directory: Directory) -> Words:
    title = _("Goal: %(domain)s") % {"domain": code(detail.get("domain", ""), "need_domain")}
    return title, code(detail.get("outcome", ""), "goal_outcome")


def _stay(detail: dict[str, Any], directory: Directory) -> Words:
    state = detail.get("state", "")
    titles = {
        "arrived": _("Moved into the shelter"),
        "left": _("Left the shelter"),
        "extended": _("The stay is extended"),
    }
    reason_list = "stay_end" if state == "left" else "extension_reason"
    return titles.get(state, _("Entry")), code(detail.get("reason", ""), reason_list)


def _document(detail: dict[str, Any], directory: Directory) -> Words:
    return code(detail.get("document", ""), "document_kind"), str(get_stage_label(detail.get("stage", "")))


def get_stage_label(stage: str) -> str:
    """Return the label of a document's stage; empty for an unknown stage."""
    labels = {
        "wanted": _("needed"),
        "applied": _("applied for"),
        "issued": _("issued"),
        "handed_over": _("handed over"),
        "refused": _("refused"),
    }
    return labels.get(stage, "")


def _return(detail: dict[str, Any], directory: Directory) -> Words:
    title = {
        "decided": _("Decided to return home"),
        "assessed": _("Risks of the return assessed"),
        "arranged": _("Journey home arranged"),
        "departed": _("Departed"),
        "arrived": _("Arrived"),
        "cancelled": _("The return is cancelled"),
    }.get(detail.get("state", ""), _("Entry"))
    text = code(detail.get("country", ""), "country") or code(detail.get("reason", ""), "return_cancel")
    return title, text


def _follow_up(detail: dict[str, Any], directory: Directory) -> Words:
    return _("Follow-up after the return"), code(detail.get("outcome", ""), "follow_up_outcome")


def _contact(detail: dict[str, Any], directory: Directory) -> Words:
    return _("Contact attempt"), code(detail.get("result", ""), "reach_result")


def _shared(detail: dict[str, Any], directory: Directory) -> Words:
    title = _("Shown to %(agency)s") % {"agency": directory.agencies.get(detail.get("to", ""), "?")}
    return title, ", ".join(code(name, "data_category") for name in detail.get("categories", []))


def _handover(detail: dict[str, Any], directory: Directory) -> Words:
    title = _("Handover: %(status)s") % {"status": code(detail["status"], "handover_status")}
    return title, directory.agencies.get(detail.get("to", ""), "")


def _transfer_asked(detail: dict[str, Any], directory: Directory) -> Words:
    return _("Another agency asks for the case"), directory.agencies.get(detail.get("to", ""), "")


LINES: dict[str, Writer] = {
    "plan": _plan,
    "plan_agreement": _plan_agreement,
    "plan_review": _plan_review,
    "goal": _goal,
    "stay": _stay,
    "document": _document,
    "return": _return,
    "follow_up": _follow_up,
    "contact": _contact,
    "handover": _handover,
    "transfer_asked": _transfer_asked,
    "shared": _shared,
}
timeline_lines.add(*(Entry(kind, write) for kind, write in LINES.items()))
