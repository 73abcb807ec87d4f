"""Rules are data: an action, the model it is about, and who may do it within which rows. No rule, no right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.http import Http404

from kerege.base.errors import Refused
from kerege.base.registry import DEFAULT_ORDER, Registry
from kerege.core.authorization import session_scope
from kerege.core.authorization.actor import Actor

M = TypeVar("M", bound=Model)
Within = Callable[[Actor], Q]


class Denied(Refused):
    """The actor may not do this. `hidden` means that even the existence of the record is none of her business."""

    def __init__(self, action: str, target: str = "", *, hidden: bool = False) -> None:
        self.action, self.target, self.hidden = action, target, hidden
        self.recorded = False
        super().__init__(f"you may not do this: {action}")


def everything(actor: Actor) -> Q:
    """All rows."""
    return Q()


def nothing(actor: Actor) -> Q:
    """No row."""
    return Q(pk__in=[])


def own_agency(path: str = "agency") -> Within:
    """Rows whose agency (at a lookup path such as `case__agency`) is the actor's."""
    return lambda actor: (
        Q(**{f"{path}_id" if path != "pk" else "pk": actor.agency_id}) if actor.agency_id else nothing(actor)
    )


def own_user(path: str = "user") -> Within:
    """Rows that belong to the actor herself."""
    return lambda actor: Q(**{path: actor.user_id}) if actor.user_id else nothing(actor)


def any_of(*withins: Within) -> Within:
    """Rows within at least one of several scopes."""

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
    """These roles may do it, within these rows."""

    roles: Iterable[str]
    within: Within = everything


@dataclass(frozen=True)
class Rule:
    """Who may do `action`. With a model, it is about rows of that model."""

    action: str
    model: type[Model] | None = None
    grants: Iterable[Grant] = ()
    order: ClassVar[int] = DEFAULT_ORDER

    @property
    def name(self) -> str:
        """Return the action: no action has two rules."""
        return self.action


# each room adds its rules in its `rules.py`
rules: Registry[Rule] = Registry("rules")


def _rule(action: str) -> Rule:
    rule = rules.get(action)
    if rule is None:
        raise LookupError(f"no rule declares the action {action!r}")
    return rule


def model_of(action: str) -> type[Model] | None:
    """The model an action is about."""
    return _rule(action).model


def _granted(actor: Actor, rule: Rule) -> list[Grant]:
    return [grant for grant in rule.grants if actor.roles & {str(role) for role in grant.roles}]


def scope(actor: Actor, model: type[M], *, action: str) -> QuerySet[M]:
    """The rows of `model` on which the actor may do `action`. Every list starts here; so does every object check."""
    rule = _rule(action)
    if rule.model is not model:
        raise LookupError(f"{action!r} is not about {model.__name__}")
    granted = _granted(actor, rule)
    rows = model._default_manager.all()
    if not granted:
        return rows.none()
    inside = rows.filter(any_of(*(grant.within for grant in granted))(actor))
    return rows.filter(pk__in=inside.values("pk")) if _may_repeat(inside) else inside


def _may_repeat(rows: QuerySet[Any]) -> bool:
    """Whether a join to many rows could return a row twice."""
    joins = (getattr(join, "join_field", None) for join in rows.query.alias_map.values())
    return any(isinstance(field, ForeignObjectRel) or getattr(field, "many_to_many", False) for field in joins)


def allows(actor: Actor, action: str, obj: Model | None = None) -> bool:
    """Whether the actor may do `action` at all, or to this record."""
    rule = _rule(action)
    if obj is None:
        return bool(_granted(actor, rule))
    return scope(actor, type(obj), action=action).filter(pk=obj.pk).exists()


def require(actor: Actor, action: str, obj: Model | None = None) -> None:
    """Raise Denied unless `allows`. A refused record counts as not existing when its action is granted elsewhere."""
    if not allows(actor, action, obj):
        raise Denied(action, target_of(obj) if obj is not None else "", hidden=obj is not None)


def find(actor: Actor, model: type[M], *, action: str, rows: QuerySet[M] | None = None, **lookup: Any) -> M:
    """The one row the actor may do `action` on; Http404 when there is none, Denied(hidden) when it is another's."""
    base = scope(actor, model, action=action).filter(**lookup)
    if rows is not None:
        base = rows.filter(pk__in=base.values("pk"))
    found = base.first()
    if found is not None:
        return found
    # whether it exists at all is for the audit alone: the answer is the same
    with session_scope.beyond("a refusal names what was asked for"):
        other = model._default_manager.filter(**lookup).first()
    if other is None:
        raise Http404
    raise Denied(action, target_of(other), hidden=True)


def target_of(obj: Model) -> str:
    """How the audit names a record: model and id, never a value."""
    return f"{obj._meta.model_name}:{obj.pk}"
