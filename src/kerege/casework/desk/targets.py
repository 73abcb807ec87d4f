"""Targets: which one is in force in a month, and how a coordinator or publisher sets a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.desk.models import Target, TargetFigure
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

SET = "targets.set"
ALL_PERCENT = 100


@dataclass(frozen=True)
class TargetDraft:
    """Form of a new target."""

    figure: str
    from_month: date
    direction: str
    value: int | None
    source: str
    source_on: date
    reason: str = ""


@dataclass(frozen=True)
class CurrentTarget:
    """Target in force in a month, and the one that it replaced."""

    target: Target
    replaced: Target | None = None


def list_targets() -> list[Target]:
    """Return every target that was ever set, the newest month of each figure first."""
    return list(Target.objects.select_related("set_by"))


def read_targets(month: date) -> Mapping[str, CurrentTarget]:
    """Return the target of each figure that is in force in a month; ended ones are left out."""
    rows = list(Target.objects.filter(from_month__lte=month))
    current = {}
    for figure in TargetFigure.values:
        of_figure = [row for row in rows if row.figure == figure]
        newest = _newest(of_figure)
        if newest is not None and newest.value is not None:
            replaced = _newest(row for row in of_figure if (row.set_at, row.pk) < (newest.set_at, newest.pk))
            current[figure] = CurrentTarget(newest, replaced)
    return current


def _newest(rows: Iterable[Target]) -> Target | None:
    """Return the target with the latest month; of one month the one that was set last."""
    return max(rows, key=lambda row: (row.from_month, row.set_at, row.pk), default=None)


def is_reached(target: Target, lower: float, upper: float) -> bool | None:
    """Return whether a number between two limits meets a target; None where the limits disagree."""
    value = target.value or 0
    at_least = target.direction == Target.Direction.AT_LEAST
    answers = {number >= value if at_least else number <= value for number in (lower, upper)}
    return answers.pop() if len(answers) == 1 else None


def set_target(actor: Actor, draft: TargetDraft) -> Target:
    """Set a target from a month on. Earlier rows stay. Raises BadInput."""
    with audit.act(actor, SET) as event:
        authorization.require(actor, SET)
        earlier = list(Target.objects.filter(figure=draft.figure))
        _check_value(draft)
        _check_change(draft, earlier)
        row = Target.objects.create(
            figure=draft.figure,
            from_month=draft.from_month,
            direction=draft.direction,
            value=draft.value,
            source=draft.source,
            source_on=draft.source_on,
            reason=draft.reason,
            set_by_id=str(actor.user_id),
        )
        event.target = f"target:{row.pk}"
        event.note(figure=row.figure, month=f"{row.from_month:%Y-%m}", direction=row.direction, value=row.value)
    return row


def _check_value(draft: TargetDraft) -> None:
    if draft.source_on > timezone.localdate():
        what = gettext_noop("the day of the source is in the future")
        raise BadInput(Fault(what, gettext_noop("enter the day on which the plan or order was signed")))
    if draft.value is None:
        return
    if draft.figure == TargetFigure.ANSWERED:
        if draft.value > ALL_PERCENT:
            raise BadInput(
                Fault(gettext_noop("a share is at most 100 percent"), gettext_noop("enter a smaller number"))
            )
    elif draft.value < active().threshold:
        # a masked count can never be compared with it, or the answer would give the count away
        what = gettext_noop("counts below the threshold are masked on the board, so nobody could compare this target")
        raise BadInput(Fault(what, gettext_noop("enter the threshold or more")))


def _check_change(draft: TargetDraft, earlier: Iterable[Target]) -> None:
    newest = _newest(row for row in earlier if row.from_month <= draft.from_month)
    if newest is None and draft.value is None:
        raise BadInput(Fault(gettext_noop("there is no target to end"), gettext_noop("enter a number")))
    if newest is not None and (newest.value, newest.direction) == (draft.value, draft.direction):
        raise BadInput(Fault(gettext_noop("this target is in force already"), gettext_noop("change the number")))
    if any(earlier) and not draft.reason.strip():
        what = gettext_noop("this figure has had another target")
        raise BadInput(Fault(what, gettext_noop("enter the reason for the change"), column="reason"))
