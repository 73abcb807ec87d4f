"""Authorization of actions on a record or a list.

The rules of each app decide whether an actor may do an action.
"""

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
