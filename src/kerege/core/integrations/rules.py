"""Authorization rules: an administrator connects the systems of their agency, another one confirms."""

from __future__ import annotations

from django.db.models import Q

from kerege.core.accounts.models import Agency, Role
from kerege.core.accounts.second_person import agency_and_below, is_national
from kerege.core.authorization import Actor, Grant, Rule, everything, nothing, own_agency
from kerege.core.authorization.rules import rules
from kerege.core.integrations.models import SystemToken


def confirmable(actor: Actor) -> Q:
    """Return the condition on the tokens that an administrator may confirm: never those they created.

    A national agency confirms the tokens of all, another one those of itself and the agencies below it.
    """
    if actor.agency_id is None:
        return nothing(actor)
    not_own = ~Q(created_by=actor.label)
    return not_own if is_national(actor.agency_id) else not_own & Q(agency__in=agency_and_below(actor.agency_id))


rules.add(
    Rule("systems.manage", Agency, [Grant({Role.ADMINISTRATOR}, own_agency("pk"))]),
    # a token that reads or changes records: the second person
    Rule("systems.confirm", SystemToken, [Grant({Role.ADMINISTRATOR}, confirmable), Grant({"operator"}, everything)]),
)
