"""Write operations of commissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.coordination import citations
from kerege.coordination.commissions.models import (
    AgendaItem,
    Commission,
    CommissionMember,
    Meeting,
    Resolution,
    ResolutionBody,
)
from kerege.coordination.reports import check_decision, check_unsent
from kerege.coordination.texts import check_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.evidence.release.typed_figures import find_typed_figure


def check_words(texts: Iterable[str]) -> None:
    """Raise BadInput for a reference, an identity number or a typed figure: figures come from releases."""
    for text in texts:
        check_text(text)
        if find_typed_figure(text):
            what = gettext_noop("the text has a figure that is typed by hand")
            raise BadInput(Fault(what, gettext_noop("cite the table of a release instead, or leave the figure out")))


def set_up(actor: Actor, commission: Commission) -> Commission:
    """Store a new commission."""
    with audit.act(actor, "commissions.set_up", target=f"commission:{commission.pk}"):
        authorization.require(actor, "commissions.set_up", commission.agency)
        check_text(commission.act)
        if Commission.objects.filter(region=commission.region).exists():
            what = gettext_noop("there is a commission of this region")
            raise BadInput(Fault(what, gettext_noop("open that one")))
        commission.clean_fields()
        commission.save(force_insert=True)
    return commission


def add_member(actor: Actor, member: CommissionMember) -> CommissionMember:
    """Add a body as a member; a new post of a member ends the earlier one."""
    with audit.act(actor, "commissions.add_member", target=f"commission:{member.commission_id}"):
        authorization.require(actor, "commissions.keep", member.commission)
        earlier = CommissionMember.objects.filter(commission=member.commission, agency=member.agency, until_on=None)
        earlier.update(until_on=member.from_on)
        member.save(force_insert=True)
    return member


def save_meeting(actor: Actor, meeting: Meeting) -> Meeting:
    """Store a meeting: its day, its form, and its minutes."""
    with audit.act(actor, "commissions.save_meeting", target=f"meeting:{meeting.pk}"):
        authorization.require(actor, "commissions.keep", meeting.commission)
        check_words(meeting.minutes.values())
        same = Meeting.objects.filter(commission=meeting.commission, number=meeting.number).exclude(pk=meeting.pk)
        if same.exists():
            raise BadInput(Fault(gettext_noop("this number is taken"), gettext_noop("choose another number")))
        meeting.clean_fields()
        meeting.save()
    return meeting


def add_item(actor: Actor, item: AgendaItem) -> AgendaItem:
    """Add an item to the agenda. It may cite a table of a public release, and nothing else holds a figure."""
    with audit.act(actor, "commissions.add_item", target=f"meeting:{item.meeting_id}"):
        authorization.require(actor, "commissions.keep_meeting", item.meeting)
        check_words(item.titles.values())
        if item.release:
            citations.check_table(item.release, item.table)
        item.place = (item.meeting.items.aggregate(last=Max("place"))["last"] or 0) + 1
        item.save(force_insert=True)
    return item


def add_resolution(actor: Actor, resolution: Resolution, agencies: Sequence[Agency]) -> Resolution:
    """Add a decision with its bodies."""
    with audit.act(actor, "commissions.add_resolution", target=f"meeting:{resolution.meeting_id}"):
        authorization.require(actor, "commissions.keep_meeting", resolution.meeting)
        check_words(resolution.texts.values())
        if resolution.meeting.resolutions.filter(number=resolution.number).exists():
            raise BadInput(Fault(gettext_noop("this number is taken"), gettext_noop("choose another number")))
        if resolution.due_on < resolution.meeting.on:
            what = gettext_noop("the deadline is before the meeting")
            raise BadInput(Fault(what, gettext_noop("correct the deadline")))
        resolution.save(force_insert=True)
        ResolutionBody.objects.bulk_create(ResolutionBody(resolution=resolution, agency=row) for row in agencies)
    return resolution


def report(actor: Actor, body: ResolutionBody, text: str) -> ResolutionBody:
    """Submit the report of a body on a decision."""
    with audit.act(actor, "commissions.report", target=f"resolution:{body.resolution_id}"):
        authorization.require(actor, "commissions.report", body)
        check_words([text])
        row = ResolutionBody.objects.select_for_update().get(pk=body.pk)
        check_unsent(row.state)
        row.report, row.state, row.reported_by = text, "submitted", actor.label
        row.reported_on = timezone.localdate()
        row.save()
    return row


def decide(actor: Actor, body: ResolutionBody, *, accept: bool, remark: str = "") -> ResolutionBody:
    """Accept the report of a body, or return it with a remark."""
    with audit.act(actor, "commissions.decide", target=f"resolution:{body.resolution_id}"):
        authorization.require(actor, "commissions.decide", body)
        check_words([remark])
        row = ResolutionBody.objects.select_for_update().get(pk=body.pk)
        check_decision(actor, row.state, row.reported_by, accept=accept, remark=remark)
        row.state, row.decided_by, row.remark = "accepted" if accept else "returned", actor.label, remark
        row.save()
    return row
