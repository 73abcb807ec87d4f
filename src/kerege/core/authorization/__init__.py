"""Authorization: may this actor do this to this record, for lists and single objects, by the rules of each room."""

from __future__ import annotations

from kerege.core.authorization import lookups
from kerege.core.authorization.actor import Actor
from kerege.core.authorization.rules import (
    Denied,
    Grant,
    Rule,
    Within,
    allows,
    any_of,
    everything,
    find,
    model_of,
    nothing,
    own_agency,
    own_user,
    require,
    scope,
)

__all__ = [
    "Actor",
    "Denied",
    "Grant",
    "Rule",
    "Within",
    "allows",
    "any_of",
    "everything",
    "find",
    "lookups",
    "model_of",
    "nothing",
    "own_agency",
    "own_user",
    "require",
    "scope",
]
