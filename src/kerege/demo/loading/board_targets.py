"""Targets of the demo's boards: invented numbers of an invented plan, one of them changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kerege.casework.desk.models import TargetFigure
from kerege.casework.desk.targets import TargetDraft, set_target
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User

PLAN = "План мероприятий на год (вымышленный)"
REASON = "Срок решения сокращён, поэтому решений за месяц больше (вымышлено)"
TARGETS = {
    TargetFigure.CONTACTS: 120,
    TargetFigure.CASES: 15,
    TargetFigure.DECISIONS: 10,
    TargetFigure.HELPED: 10,
    TargetFigure.ANSWERED: 90,
}


def load_targets(users: Mapping[str, User], today: date) -> None:
    """Set targets from the January before the last whole month, as a coordinator does."""
    actor = actor_for(users["coordinator"])
    january = date(today.year - (today.month == 1), 1, 1)
    for figure, value in TARGETS.items():
        set_target(actor, _draft(figure, value, january))
    set_target(actor, _draft(TargetFigure.DECISIONS, 12, january, REASON))


def _draft(figure: TargetFigure, value: int, month: date, reason: str = "") -> TargetDraft:
    return TargetDraft(
        figure=figure,
        from_month=month,
        direction="at_least",
        value=value,
        source=PLAN,
        source_on=date(month.year - 1, 12, 20),
        reason=reason,
    )
