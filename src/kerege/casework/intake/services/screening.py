"""Screenings: begin, answer in parts, conclude, discard. Indicators only propose a conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.intake.models import Screening, Signal
from kerege.casework.vault.models.identities import DataKey, SealedText
from kerege.casework.vault.services.identities import open_text, save_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import screening as standard

FRAME = ("language", "interpreter", "place", "minutes", "breaks", "screened_on")
# possible conclusions; only a decision gives a formal status
CONCLUSIONS = ("presumed", "not_identified", "declined")


def start(actor: Actor, tool: str, *, case: Case | None = None, signal: Signal | None = None) -> Screening:
    """Begin a screening for a case or a signal, or return the one that the agency has begun."""
    about: Case | Signal | None = case or signal
    if about is None:
        raise ValueError("a screening is about a case or a signal")
    with audit.act(actor, "screenings.start", target=f"{'case' if case else 'signal'}:{about.pk}") as event:
        authorization.require(actor, "screenings.start" if case else "screenings.start_on_signal", about)
        # The lock serialises repeated requests, so that the second one finds the begun screening.
        type(about).objects.select_for_update().get(pk=about.pk)
        begun = Screening.objects.filter(
            case=case, signal=signal, tool=tool, agency=actor.agency_id, concluded_at=None
        ).first()
        row = begun or _begin(actor, _tool(tool), case=case, signal=signal)
        event.note(screening=str(row.id), tool=row.tool)
    return row


def _begin(actor: Actor, tool: standard.Tool, **about: Any) -> Screening:
    """Store an empty screening."""
    now, case = timezone.now(), about["case"]
    return Screening.objects.create(
        **about,
        agency_id=actor.agency_id or case.agency_id,
        tool=tool.id,
        tool_version=tool.version,
        profile=tool.profile,
        result=standard.judge(tool, {}).stored(),
        screened_on=timezone.localdate(),
        screened_by=actor.label,
        created_at=now,
        saved_at=now,
    )


def _tool(tool_id: str) -> standard.Tool:
    """Return a usable questionnaire; raise BadInput for any other id."""
    tool = standard.tools().get(tool_id)
    if tool is None or not tool.usable:
        raise BadInput(Fault(gettext_noop("there is no such questionnaire"), gettext_noop("choose another one")))
    return tool


def save_answers(
    actor: Actor, screening: Screening, answers: Mapping[str, str], evidence: Mapping[str, str]
) -> Screening:
    """Save answers (question -> code; '' removes one) and evidence (dimension -> text); keep all others.

    Answers to questions that the current version of the tool lacks are dropped.
    """
    with audit.act(actor, "screenings.save", target=f"screening:{screening.id}"):
        row = _lock_open(actor, screening)
        tool = _tool(row.tool)
        row.tool_version = tool.version
        kept_answers = {code: answer for code, answer in row.answers.items() if code in tool.questions}
        row.answers = {code: answer for code, answer in (kept_answers | dict(answers)).items() if answer}
        row.result = standard.judge(tool, row.answers).stored()
        _encrypt_evidence(row, evidence)
        row.saved_at = timezone.now()
        row.save()
    return row


def save_frame(actor: Actor, screening: Screening, **values: Any) -> Screening:
    """Save the circumstances: place, day, language, interpreter, minutes and breaks."""
    with audit.act(actor, "screenings.save", target=f"screening:{screening.id}"):
        row = _lock_open(actor, screening)
        for name in FRAME:
            if name in values:
                setattr(row, name, values[name])
        check_codes(row)
        row.saved_at = timezone.now()
        row.save()
    return row


def conclude(actor: Actor, screening: Screening, conclusion: str, reason: str = "") -> Screening:
    """Conclude a screening under the actor's name.

    Raises BadInput for a conclusion that differs from the proposal without a reason.
    """
    with audit.act(actor, "screenings.conclude", target=f"screening:{screening.id}") as event:
        authorization.require(actor, "screenings.conclude", screening)
        row = _lock_open(actor, screening)
        if conclusion not in CONCLUSIONS:
            raise BadInput(
                Fault(gettext_noop("a screening cannot conclude this"), gettext_noop("leave it to a decision"))
            )
        if needs_reason(row, conclusion) and not reason.strip():
            raise BadInput(
                Fault(gettext_noop("the conclusion is not what the indicators propose"), gettext_noop("write down why"))
            )
        row.reason = save_text(screening_key(row), reason) if reason.strip() else None
        row.conclusion, row.concluded_by, row.concluded_at = conclusion, actor.label, timezone.now()
        row.save()
        if row.case:
            add_timeline_event(actor, row.case, row.screened_on, "screening", status=conclusion)
        event.note(conclusion=conclusion, proposed=row.result.get("class", ""))
    return row


def discard(actor: Actor, screening: Screening) -> None:
    """Delete an empty screening that the actor began by mistake."""
    with audit.act(actor, "screenings.discard", target=f"screening:{screening.id}") as event:
        # the lock serialises an answer and a removal
        Screening.objects.select_for_update().get(pk=screening.pk)
        authorization.require(actor, "screenings.discard", screening)
        event.note(tool=screening.tool)
        screening.delete()


def needs_reason(screening: Screening, conclusion: str) -> bool:
    """Return whether a conclusion contradicts the indicators, so that it needs a reason."""
    consistent = screening.result.get("class") in standard.CONSISTENT
    return {"presumed": not consistent, "not_identified": consistent}.get(conclusion, False)


def screen(actor: Actor, case: Case, *, conclusion: str, on: date, **values: Any) -> Screening:
    """Record a screening that was held and concluded elsewhere."""
    with audit.act(actor, "screenings.record", target=f"case:{case.id}"):
        authorization.require(actor, "cases.change", case)
        now = timezone.now()
        row = Screening(
            case=case,
            agency=case.agency,
            conclusion=conclusion,
            screened_on=on,
            screened_by=actor.label,
            concluded_by=actor.label,
            created_at=now,
            saved_at=now,
            concluded_at=now,
            **({"tool": "free", "tool_version": "1", "profile": ""} | values),
        )
        check_codes(row)
        row.save()
        add_timeline_event(actor, case, on, "screening", status=conclusion)
    return row


def attach_screenings(signal: Signal, case: Case) -> None:
    """Move the screenings of a signal to a new case, with texts re-encrypted under the person's key.

    Only screenings without a case move. The caller has authorised the act.
    """
    for row in signal.screenings.filter(case=None).select_related("evidence__data_key", "reason__data_key"):
        row.case = case
        for name in ("evidence", "reason"):
            text: SealedText | None = getattr(row, name)
            if text is not None:
                setattr(row, name, save_text(case.record.data_key, open_text(text)))
                row.save()
                text.delete()
        row.save()


def screening_key(screening: Screening) -> DataKey:
    """Return the key of a screening's texts: that of the case's record, else that of the signal."""
    if screening.case:
        return screening.case.record.data_key
    if screening.signal is None:
        raise ValueError("a screening is about a case or a signal")
    return screening.signal.data_key


def read_evidence(screening: Screening) -> dict[str, str]:
    """Return the decrypted evidence by dimension."""
    return open_text(screening.evidence) or {}


def _lock_open(actor: Actor, screening: Screening) -> Screening:
    """Lock and return the screening if the actor may fill it in. Raises BadInput when it is concluded."""
    authorization.require(actor, "screenings.fill", screening)
    rows = Screening.objects.select_for_update(of=("self",))
    row = rows.select_related("case__record__data_key", "signal__data_key", "evidence__data_key").get(pk=screening.pk)
    if row.concluded_at is not None:
        raise BadInput(
            Fault(gettext_noop("this screening is concluded already"), gettext_noop("begin a new one to ask again"))
        )
    return row


def _encrypt_evidence(row: Screening, evidence: Mapping[str, str]) -> None:
    """Encrypt the merged evidence and delete the earlier text; do nothing without a change."""
    before = read_evidence(row)
    after = {name: text for name, text in (before | dict(evidence)).items() if text.strip()}
    if after == before:
        return
    old, row.evidence = row.evidence, save_text(screening_key(row), after) if after else None
    row.save(update_fields=["evidence"])
    if old is not None:
        old.delete()
