"""Answers "may this actor do this to this record", for lists and single objects, from the rules each room declares."""

from __future__ import annotations

from kerege.core.access import among, wall
from kerege.core.access.actor import Actor
from kerege.core.access.pages import page, public, stepped_up, stepped_up_to, stepped_up_to_post
from kerege.core.access.rules import (
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
    "among",
    "any_of",
    "everything",
    "find",
    "model_of",
    "nothing",
    "own_agency",
    "own_user",
    "page",
    "public",
    "require",
    "scope",
    "stepped_up",
    "stepped_up_to",
    "stepped_up_to_post",
    "wall",
]
