"""Correction of facts of the profile: one person enters value and source, another one confirms.

Both work in a national agency. A correction that names a lawyer and a document also confirms the fact. The corrections
that hold are written to a file that every process reads. One person alone can take one back: then the earlier value
holds, with the mark that it had.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.accounts.fact_confirmations import find_fact
from kerege.core.accounts.models import Agency, FactCorrection
from kerege.core.accounts.second_person import record_decision
from kerege.core.authorization import Actor
from kerege.vocabulary import confirmations, corrections
from kerege.vocabulary.corrections import Correction
from kerege.vocabulary.fact_changes import change_facts
from kerege.vocabulary.profile import Profile, active
from kerege.vocabulary.profile_parts import Fact

# values that no installation sets below that of the package
FLOORS = {"publication": "minimum_cell"}


@dataclass(frozen=True)
class CorrectionDraft:
    """Correction of a fact as the page sends it: digest of the shown fact, values, source, first day."""

    path: str
    base: str
    values: dict[str, object]
    source: str
    from_on: date
    lawyer: str = ""
    document: str = ""


def request_correction(actor: Actor, agency: Agency, draft: CorrectionDraft) -> FactCorrection:
    """Ask to correct a fact.

    Raises BadInput when it changed since the page, when nothing changes, when a request waits already, or when the
    profile cannot have the value.
    """
    with audit.act(actor, "facts.request_correction", f"fact:{draft.path}") as event:
        authorization.require(actor, "facts.request", agency)
        fact = find_fact(draft.path)
        if confirmations.digest_of(fact.fact) != draft.base:
            raise BadInput(Fault(_("the fact has another value now"), _("read it again")))
        if FactCorrection.objects.filter(path=draft.path, outcome="").exists():
            raise BadInput(Fault(_("this was asked for already"), _("wait for the second person")))
        if bool(draft.lawyer.strip()) != bool(draft.document.strip()):
            raise BadInput(Fault(_("lawyer and text belong together"), _("fill in both or none"), column="document"))
        row = FactCorrection(
            path=draft.path,
            base=draft.base,
            values=json.dumps(draft.values, ensure_ascii=False, sort_keys=True),
            source=draft.source.strip(),
            from_on=draft.from_on,
            lawyer=draft.lawyer.strip(),
            reason=draft.document.strip(),
            asked_by=actor.label,
        )
        if confirmations.digest_of(check_correction(correction_of(row))) == draft.base:
            raise BadInput(Fault(_("value and source are as before"), _("change one of them")))
        row.save()
        event.note(request=str(row.pk), from_on=str(row.from_on))
    return row


def check_correction(correction: Correction) -> Fact:
    """Return the corrected fact. Raises BadInput if the fact or the whole profile cannot have this value."""
    profile, fact = active(), find_fact(correction.path).fact
    try:
        new_fact = corrections.apply_to(fact, correction)
        changed = change_facts(profile, lambda path, old: new_fact if path == correction.path else old)
        Profile.model_validate(changed.model_dump())
    except ValidationError as problem:
        raise BadInput(_fault_of(problem)) from None
    floor = FLOORS.get(correction.path, "")
    if floor and getattr(new_fact, floor) < getattr(fact, floor):
        raise BadInput(Fault(_("this number protects people and is not lowered here"), _("enter a larger one")))
    return new_fact


def _fault_of(problem: ValidationError) -> Fault:
    first = problem.errors()[0]
    where = ".".join(map(str, first["loc"])) or _("the fact")
    return Fault(f"{where}: {first['msg'].removeprefix('Value error, ')}", _("correct it"))


def correction_of(row: FactCorrection) -> Correction:
    """Return a row as the correction that the file holds."""
    return Correction(
        path=row.path,
        base=row.base,
        values=row.values,
        source=row.source,
        from_on=row.from_on,
        lawyer=row.lawyer,
        document=row.reason,
    )


def decide_correction(actor: Actor, request: FactCorrection, *, give: bool) -> FactCorrection:
    """Correct a fact as the second person, or refuse. Raises Refused for an own or decided request.

    Raises BadInput when the fact has another value than when it was asked for.
    """
    with audit.act(actor, "facts.correct", f"fact:{request.path}") as event:
        authorization.require(actor, "facts.correct", request)
        if give:
            if confirmations.digest_of(find_fact(request.path).fact) != request.base:
                raise BadInput(Fault(_("the fact has another value now"), _("refuse the request and ask again")))
            check_correction(correction_of(request))
            same_day = FactCorrection.objects.filter(path=request.path, from_on=request.from_on)
            same_day.filter(outcome="given", ended_at=None).update(ended_at=timezone.now(), ended_by=actor.label)
        row = record_decision(actor, request, give=give)
        transaction.on_commit(write_file)
        event.note(request=str(row.pk), outcome=row.outcome, asked_by=row.asked_by)
    return row


def withdraw_correction(actor: Actor, request: FactCorrection) -> None:
    """Take a correction back: the earlier value holds again. One person is enough."""
    with audit.act(actor, "facts.withdraw_correction", f"fact:{request.path}") as event:
        authorization.require(actor, "facts.correct", request)
        row = FactCorrection.objects.select_for_update().get(pk=request.pk)
        if row.outcome != row.Outcome.GIVEN or row.ended_at:
            raise Refused(_("This request was decided already."))
        row.ended_at, row.ended_by = timezone.now(), actor.label
        row.save(update_fields=["ended_at", "ended_by"])
        transaction.on_commit(write_file)
        event.note(request=str(row.pk))


def write_file() -> None:
    """Write the corrections that hold to the file of the installation, if it says something else."""
    rows = FactCorrection.objects.filter(outcome="given", ended_at=None)
    stored = {correction_of(row) for row in rows}
    if stored != set(corrections.read_home()):
        corrections.write(stored)
