"""Authorization rules as data: an action, its model, and the roles that may do it to which rows.

Default: deny.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import structlog
from django.db.models import Model, Q, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel

from kerege.base.errors import Refused
from kerege.base.log_spool import DECISIONS
from kerege.base.registry import DEFAULT_ORDER, Registry
from kerege.core.authorization.actor import OPERATOR, Actor

decisions = structlog.get_logger(DECISIONS)
_switch = logging.getLogger(DECISIONS)  # structlog would build each line before it asks the level
M = TypeVar("M", bound=Model)
Within = Callable[[Actor], Q]
# references of cases, signals, referrals and receipts, such as KZ-2025-00417 and S-2222-2222
REFERENCE = re.compile(r"[A-Z]{1,3}-[0-9A-Z]{4}-[0-9A-Z]{4,6}")


class Denied(Refused):
    """The actor may not do this action. `hidden`: the actor may not even learn that the record exists."""

    def __init__(self, action: str, target: str = "", *, hidden: bool = False) -> None:
        self.action, self.target, self.hidden = action, target, hidden
        self.recorded = False
        super().__init__(f"you may not do this: {action}")


def everything(actor: Actor) -> Q:
    """Return the condition that all rows meet."""
    return Q()


def nothing(actor: Actor) -> Q:
    """Return a condition that no row meets."""
    return Q(pk__in=[])


def own_agency(path: str = "agency") -> Within:
    """Return a scope: rows whose agency, at a lookup path such as `case__agency`, is the actor's."""
    return lambda actor: (
        Q(**{f"{path}_id" if path != "pk" else "pk": actor.agency_id}) if actor.agency_id else nothing(actor)
    )


def own_user(path: str = "user") -> Within:
    """Return a scope: rows whose user, at a lookup path, is the actor."""
    return lambda actor: Q(**{path: actor.user_id}) if actor.user_id else nothing(actor)


def any_of(*withins: Within) -> Within:
    """Return the union of several scopes."""

    def union(actor: Actor) -> Q:
        result = nothing(actor)
        for within in withins:
            q = within(actor)
            if not q:
                return q
            result |= q
        return result

    return union


@dataclass(frozen=True)
class Grant:
    """Roles that may do an action, and the rows to which they may do it."""

    roles: Iterable[str]
    within: Within = everything


@dataclass(frozen=True)
class Rule:
    """Authorization rule of one action. With a model, the action is about rows of that model."""

    action: str
    model: type[Model] | None = None
    grants: Iterable[Grant] = ()
    order: ClassVar[int] = DEFAULT_ORDER

    @property
    def name(self) -> str:
        """Return the action: no action has two rules."""
        return self.action


# each app adds its rules in its `rules.py`
rules: Registry[Rule] = Registry("rules")


def _rule(action: str) -> Rule:
    rule = rules.get(action)
    if rule is None:
        raise LookupError(f"no rule declares the action {action!r}")
    return rule


def model_of(action: str) -> type[Model] | None:
    """Return the model that an action is about; None when it is about no rows."""
    return _rule(action).model


def _granted(actor: Actor, rule: Rule) -> list[Grant]:
    return [grant for grant in rule.grants if actor.roles & {str(role) for role in grant.roles}]


def scope(actor: Actor, model: type[M], *, action: str) -> QuerySet[M]:
    """Return the rows of `model` to which the actor may do `action`.

    All lists and object checks start here.
    """
    rows, is_granted = _scope(actor, model, action)
    _log_decision(actor, action, str(model._meta.model_name), is_allowed=is_granted)
    return rows


def _scope(actor: Actor, model: type[M], action: str) -> tuple[QuerySet[M], bool]:
    """Return the rows of a scope, and whether any role of the actor has the action."""
    rule = _rule(action)
    if rule.model is not model:
        raise LookupError(f"{action!r} is not about {model.__name__}")
    granted = _granted(actor, rule)
    rows = model._default_manager.all()
    if not granted:
        return rows.none(), False
    inside = rows.filter(any_of(*(grant.within for grant in granted))(actor))
    return (rows.filter(pk__in=inside.values("pk")) if _may_repeat(inside) else inside), True


def _may_repeat(rows: QuerySet[Any]) -> bool:
    """Return whether a join to many rows can return a row twice."""
    joins = (getattr(join, "join_field", None) for join in rows.query.alias_map.values())
    return any(isinstance(field, ForeignObjectRel) or getattr(field, "many_to_many", False) for field in joins)


def allows(actor: Actor, action: str, obj: Model | None = None) -> bool:
    """Return whether the actor may do `action` to this record or, without a record, to any."""
    if obj is None:
        is_allowed = bool(_granted(actor, _rule(action)))
    else:
        is_allowed = _scope(actor, type(obj), action)[0].filter(pk=obj.pk).exists()
    _log_decision(actor, action, target_of(obj) if obj is not None else "", is_allowed=is_allowed)
    return is_allowed


def require(actor: Actor, action: str, obj: Model | None = None) -> None:
    """Raise Denied unless the actor is allowed. A refused record is `hidden`: the page answers 404."""
    if not allows(actor, action, obj):
        raise Denied(action, target_of(obj) if obj is not None else "", hidden=obj is not None)


def find(actor: Actor, model: type[M], *, action: str, rows: QuerySet[M] | None = None, **lookup: Any) -> M:
    """Return the row to which the actor may do `action`; raise Denied if there is none.

    An absent row and a row that the actor may not reach are refused alike, with the same statements and the same audit
    event. Therefore neither the response nor the limit of refusals shows whether the row exists.
    """
    base = _scope(actor, model, action)[0].filter(**lookup)
    if rows is not None:
        base = rows.filter(pk__in=base.values("pk"))
    row = base.first()
    target = requested_target(model, lookup) if row is None else target_of(row)
    _log_decision(actor, action, target, is_allowed=row is not None)
    if row is None:
        raise Denied(action, target, hidden=True)
    return row


def _log_decision(actor: Actor, action: str, target: str, *, is_allowed: bool) -> None:
    """Write a decision about a user or a system to the log of decisions: ids only.

    The target of a list is its model. A page also asks whether to show a button: `denied` then refuses no request.
    Acts of the operator are audit events.
    """
    if OPERATOR not in actor.roles and _switch.isEnabledFor(logging.INFO):
        event = "allowed" if is_allowed else "denied"
        decisions.info(event, actor=str(actor.user_id or actor.label), action=action, target=target)


def requested_target(model: type[Model], lookup: Mapping[str, object]) -> str:
    """Return the audit log's name of a record that was asked for and may not exist.

    It repeats an id or a reference of the programme, and no other text: a user may have typed a name.
    """
    name = str(model._meta.model_name)
    if "pk" in lookup:
        return f"{name}:{lookup['pk']}"
    reference = str(lookup.get("reference", ""))
    return f"{name}:{reference}" if REFERENCE.fullmatch(reference) else name


def target_of(obj: Model) -> str:
    """Return the audit log's name of a record: model and id, never a value."""
    return f"{obj._meta.model_name}:{obj.pk}"
