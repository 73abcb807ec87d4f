"""Policy rules of releases: analysts and publishers compose; a publisher or a deputy approves."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from kerege.core.accounts.models import Role
from kerege.core.authorization import Actor, Grant, Rule, everything, nothing
from kerege.core.authorization.rules import rules
from kerege.publishing.releases.calendar_models import AnnouncedRelease
from kerege.publishing.releases.models import Deputy, Release

OPERATOR = "operator"
COMPOSERS = {Role.ANALYST, Role.PUBLISHER}
READERS = {*COMPOSERS, Role.AUDITOR, OPERATOR}


def is_deputy(actor: Actor) -> bool:
    """Return whether the actor is appointed as a deputy today."""
    today = timezone.localdate()
    rows = Deputy.objects.filter(user=actor.user_id, ended_at=None, from_on__lte=today, until_on__gte=today)
    return actor.user_id is not None and rows.exists()


def while_deputy(actor: Actor) -> Q:
    """Return the filter of all releases for a deputy in the appointed days, of none for others."""
    return Q() if is_deputy(actor) else nothing(actor)


DEPUTIES = Grant({Role.COORDINATOR}, while_deputy)

rules.add(
    Rule("releases.read", Release, [Grant(READERS, everything), DEPUTIES]),
    Rule("releases.prepare", Release, [Grant(COMPOSERS, everything)]),
    Rule("releases.propose", None, [Grant({*COMPOSERS, Role.COORDINATOR})]),
    # The evaluation is computed from real records, so only those who compose or approve may read it.
    Rule("releases.evaluation", Release, [Grant(COMPOSERS, everything), DEPUTIES]),
    Rule("releases.freeze", None, [Grant(COMPOSERS)]),
    Rule("releases.check", Release, [Grant({OPERATOR}, everything)]),
    Rule("releases.approve", Release, [Grant({Role.PUBLISHER}, everything), DEPUTIES]),
    Rule("releases.withdraw", Release, [Grant({Role.PUBLISHER}, everything), DEPUTIES]),
    Rule("releases.appoint", Deputy, [Grant({Role.PUBLISHER}, everything)]),
    Rule("releases.announce", AnnouncedRelease, [Grant({Role.COORDINATOR, Role.PUBLISHER}, everything)]),
)
