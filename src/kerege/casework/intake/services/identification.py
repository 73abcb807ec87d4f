"""Steps around a decision: request it, record its notification to the person, and open a review."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case, Decision
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.intake.models import DecisionRequest, DecisionReview, Notification
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.vocabulary import profile


def authorities(case: Case) -> list[Agency]:
    """Return the agencies that can be asked to decide.

    They have an identifying officer, decide on a track, and may see the case.
    """
    sees_case = Q(pk=case.agency_id) | Q(pk__in=running_shares().filter(case=case).values("agency"))
    agencies = Agency.objects.filter(sees_case, active=True, assignments__role="identifying_officer").distinct()
    return [agency for agency in agencies.order_by("code") if profile.active().tracks_of(agency.kind)]


def request_decision(
    actor: Actor, case: Case, authority: Agency, track: str, message: str = "", on: date | None = None
) -> DecisionRequest:
    """Request a decision from an authority; its clock starts on the day `on`, today by default.

    A second request returns the waiting one. Raises BadInput when the agency does not see the case or does not decide
    on the track.
    """
    with audit.act(actor, "decisions.request", target=f"case:{case.id}") as event:
        authorization.require(actor, "decisions.request", case)
        if authority not in authorities(case):
            what = gettext_noop("this agency does not see the case, or has no identifying officer")
            raise BadInput(Fault(what, gettext_noop("share the case with that agency first, or choose another agency")))
        if track not in profile.active().tracks_of(authority.kind):
            what = gettext_noop("this agency does not decide on this track")
            raise BadInput(Fault(what, gettext_noop("leave it to an authority of the track")))
        Case.objects.select_for_update().get(pk=case.pk)
        waiting = open_requests().filter(case=case, authority=authority, track=track).first()
        if waiting:
            return waiting
        row = DecisionRequest(
            case=case,
            track=track,
            authority=authority,
            from_agency_id=actor.agency_id or case.agency_id,
            requested_on=on or timezone.localdate(),
            requested_by=actor.label,
            created_at=timezone.now(),
        )
        check_codes(row)
        row.message = save_text(case.record.data_key, message) if message.strip() else None
        row.save()
        add_timeline_event(actor, case, row.requested_on, "decision_requested", track=track, to=str(authority.id))
        event.note(request=str(row.id), authority=str(authority.id), track=track)
    return row


def open_requests() -> QuerySet[DecisionRequest]:
    """Return requests that are not withdrawn and not answered by a decision on the track."""
    answered = Decision.objects.filter(
        case=OuterRef("case"),
        track=OuterRef("track"),
        authority=OuterRef("authority"),
        created_at__gte=OuterRef("created_at"),
    )
    return DecisionRequest.objects.filter(~Exists(answered), withdrawn_at=None)


def ends_review(decision: Decision) -> bool:
    """Return whether a decision is the outcome of a review: the first on its track after the review."""
    on_track = Decision.objects.filter(case=decision.case_id, track=decision.track).exclude(pk=decision.pk)
    between = on_track.filter(created_at__gt=OuterRef("created_at"))
    return DecisionReview.objects.filter(
        ~Exists(between), decision__in=on_track, created_at__lt=decision.created_at
    ).exists()


def withdraw_request(actor: Actor, request: DecisionRequest) -> DecisionRequest:
    """Withdraw a request for a decision."""
    with audit.act(actor, "decisions.withdraw_request", target=f"case:{request.case_id}") as event:
        authorization.require(actor, "decisions.withdraw_request", request)
        if request.withdrawn_at is None:
            request.withdrawn_at = timezone.now()
            request.save(update_fields=["withdrawn_at"])
        event.note(request=str(request.id))
    return request


def notify(
    actor: Actor, decision: Decision, told_on: date, manner: str, language: str = "", interpreter: str = ""
) -> Notification:
    """Record that the person was informed of a decision, and keep the earliest day on the decision.

    Raises BadInput when that day is before the decision.
    """
    with audit.act(actor, "decisions.notify", target=f"case:{decision.case_id}") as event:
        authorization.require(actor, "decisions.notify", decision)
        if told_on < decision.decided_on:
            raise BadInput(
                Fault(
                    gettext_noop("the person cannot be informed of a decision before it is made"),
                    gettext_noop("correct the day on which the person was informed"),
                )
            )
        row = Notification(
            decision=decision,
            told_on=told_on,
            manner=manner,
            language=language,
            interpreter=interpreter,
            told_by=actor.label,
            created_at=timezone.now(),
        )
        check_codes(row)
        row.save()
        if decision.notified_on is None or told_on < decision.notified_on:
            decision.notified_on = told_on
            decision.save(update_fields=["notified_on"])
        add_timeline_event(
            actor, decision.case, told_on, "notified", track=decision.track, status=decision.resulting_status
        )
        event.note(decision=str(decision.id))
    return row


def ask_review(actor: Actor, decision: Decision, asked_on: date, asked_by: str, why: str = "") -> DecisionReview:
    """Open a review of a decision; a second call returns the existing review.

    Raises BadInput when the day of the request is before the decision.
    """
    with audit.act(actor, "decisions.review", target=f"case:{decision.case_id}") as event:
        authorization.require(actor, "decisions.review", decision)
        if asked_on < decision.decided_on:
            raise BadInput(
                Fault(
                    gettext_noop("the review of a decision cannot be requested before it is made"),
                    gettext_noop("correct the day"),
                )
            )
        Decision.objects.select_for_update().get(pk=decision.pk)
        existing = DecisionReview.objects.filter(decision=decision).first()
        if existing:
            return existing
        row = DecisionReview(
            decision=decision, asked_on=asked_on, asked_by=asked_by, opened_by=actor.label, created_at=timezone.now()
        )
        check_codes(row)
        row.why = save_text(decision.case.record.data_key, why) if why.strip() else None
        row.save()
        add_timeline_event(actor, decision.case, asked_on, "review_asked", track=decision.track)
        event.note(decision=str(decision.id), review=str(row.id))
    return row
