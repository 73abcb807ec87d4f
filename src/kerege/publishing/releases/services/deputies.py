"""Services to appoint deputies, so that a release can be approved while the publisher is away."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core import audit, authorization
from kerege.core.accounts.models import Role, User
from kerege.core.authorization import Actor
from kerege.publishing.releases.models import Deputy

APPOINT = "releases.appoint"
LONGEST = timedelta(days=92)
MAY_BE = (Role.PUBLISHER, Role.COORDINATOR)


def appoint(actor: Actor, user: User, from_on: date, until_on: date) -> Deputy:
    """Appoint a publisher or coordinator to approve from one day to another, at most 92 days.

    Raises BadInput for a user without such a role, for oneself, and for wrong days.
    """
    with audit.act(actor, APPOINT) as event:
        authorization.require(actor, APPOINT)
        for is_wrong, what, todo in (
            (
                not user.is_active or not user.assignments.filter(role__in=MAY_BE).exists(),
                gettext_noop("a deputy is a publisher or a coordinator"),
                gettext_noop("choose one"),
            ),
            (
                user.pk == actor.user_id,
                gettext_noop("a publisher cannot be their own deputy"),
                gettext_noop("choose another colleague"),
            ),
            (
                until_on < from_on or until_on < timezone.localdate() or until_on - from_on > LONGEST,
                gettext_noop("these days are over, in the wrong order, or more than three months"),
                gettext_noop("correct them"),
            ),
        ):
            if is_wrong:
                raise BadInput(Fault(what, todo))
        row = Deputy.objects.create(user=user, from_on=from_on, until_on=until_on, appointed_by_id=str(actor.user_id))
        event.target = f"deputy:{row.pk}"
        event.note(user=str(user.pk), days=[from_on.isoformat(), until_on.isoformat()])
    return row


def end_appointment(actor: Actor, deputy: Deputy) -> None:
    """End the appointment of a deputy now."""
    with audit.act(actor, APPOINT, f"deputy:{deputy.pk}") as event:
        authorization.require(actor, APPOINT, deputy)
        Deputy.objects.filter(pk=deputy.pk, ended_at=None).update(ended_at=timezone.now())
        event.note(ended=True)
