"""Authorization: decides by the rules of each app whether an actor may do an action to a record or a list."""

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
