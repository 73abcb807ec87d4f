"""Forecast of the accuracy and cost of synthetic microdata. It reads no record and charges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp import zcdp
from kerege.evidence.ledger.budgets import ALL
from kerege.evidence.release import dp_tables
from kerege.evidence.release.microdata import build
from kerege.evidence.release.spec import TableSpec
from kerege.evidence.release.spec import parse as parse_spec
from kerege.evidence.release.spec.microdata import MicrodataSpec, parse
from kerege.evidence.synthesis.presets import LOOK
from kerege.publishing.gate import run_gate
from kerege.publishing.presenters import privacy_budget
from kerege.publishing.presenters.microdata import ExpectedAccuracy, length_text
from kerege.publishing.presenters.privacy_budget import DisplayedLoss
from kerege.publishing.releases.models import Release
from kerege.publishing.storage import source_snapshots


@dataclass(frozen=True)
class UtilityForecast:
    """Accuracy of a microdata set, and its cost in the privacy budget of a period. Losses are in rho."""

    lengths: tuple[ExpectedAccuracy, ...]
    reported: int
    width: int
    rows: int
    period: str
    budget: float
    left: float
    cost: float
    others: float
    most: float
    release: DisplayedLoss
    together: DisplayedLoss | None
    cohorts: bool = False

    @property
    def after(self) -> float:
        """Return the budget left afterwards; negative when it does not suffice."""
        return self.left - self.cost - self.others

    @property
    def fits(self) -> bool:
        """Return whether the budget suffices. The ledger makes the final check."""
        return self.after >= -1e-9 * self.budget

    def percent(self, rho: float) -> int:
        """Return a loss in per cent of the budget."""
        return round(100 * max(0.0, rho) / self.budget) if self.budget else 0

    @property
    def shares(self) -> dict[str, int]:
        """Return in per cent of the budget: left now, used afterwards, other parts, this set, left afterwards."""
        spent = self.budget - self.left
        amounts = {
            "left": self.left,
            "used": spent + self.others + self.cost,
            "others": self.others,
            "cost": self.cost,
            "after": self.after,
        }
        return {name: self.percent(rho) for name, rho in amounts.items()}


def predict_utility(
    row: Release, entry: dict[str, Any], replaced: str = "", reported: int = 0
) -> UtilityForecast | None:
    """Return the forecast of a microdata set, or None when it cannot be made.

    `but` names the set that this one replaces. `reported` is the number of values that 65 of 100 people do not exceed;
    0 means unknown, and the worst case is taken.
    """
    account = privacy_budget.period_budget(row.period)
    by_unit = {snapshot.unit: snapshot for snapshot in source_snapshots.read_headers(row.snapshots)}
    spec = _parse_or_none(entry)
    if account is None or spec is None or spec.of not in by_unit or not spec.columns or build.check([spec], by_unit):
        return None
    other_sets = [
        parse(item) for item in row.spec.get("microdata", []) if item["name"] != replaced and item["of"] in by_unit
    ]
    other_sets = [other for other in other_sets if not build.check([other], by_unit)]
    try:
        width = _width(spec, by_unit)
        errors = _expected(spec, width, reported)
        others = _cost_of_other_parts(row, other_sets, by_unit)
        cost = build.compute_needed_loss(
            [*other_sets, spec], by_unit, run_gate.open_ledger(), row.period
        ) - _cost_of_sets(row, other_sets, by_unit)
    except (BadInput, Refused):
        return None
    lengths = tuple(
        ExpectedAccuracy(length_text(item["length"]), item["error"], item.get("nine_in_ten", item["supported"]))
        for item in errors
    )
    budget_left = _left(spec, by_unit, account)
    free = max(0.0, budget_left - others)
    most = zcdp.rho_to_epsilon(free, zcdp.DELTA) if free else 0.0
    release = privacy_budget.make_loss(_total_loss(row, [*other_sets, spec]))
    together = privacy_budget.ledger_loss(_added(spec, by_unit, row.period, cost + others))
    return UtilityForecast(
        lengths=lengths,
        reported=min(reported, width),
        width=width,
        rows=_rows(row, spec.of),
        period=row.period,
        budget=account.budget,
        left=budget_left,
        cost=cost,
        others=others,
        most=int(most * 100) / 100,
        release=release,
        together=together,
        cohorts=bool(spec.cohorts),
    )


def _parse_or_none(entry: dict[str, Any]) -> MicrodataSpec | None:
    try:
        return parse(entry)
    except BadInput:
        return None


def _width(spec: MicrodataSpec, by_unit: Mapping[str, Snapshot]) -> int:
    """Return how many values a record can report, without the value of its cohort."""
    from kerege.evidence.synthesis.measurement import public_schema

    columns = tuple(name for name in spec.asked if name != spec.cohorts)
    return public_schema.width(public_schema.read_known_columns(by_unit[spec.of], columns=columns))


def _expected(spec: MicrodataSpec, width: int, reported: int) -> list[dict[str, Any]]:
    """Return the expected errors of the first measurement of a cohort, or of that after a first look."""
    from kerege.evidence import synthesis  # loads Numba, which other pages do not need
    from kerege.evidence.synthesis.cohorts.budget_series import FIRST

    share = FIRST if spec.cohorts else 1 - LOOK if spec.auto else 1.0
    return synthesis.expected_error(width, spec.epsilon, spec.delta, reported, share)


def _added(spec: MicrodataSpec, by_unit: Mapping[str, Snapshot], period: str, more: float) -> float:
    """Return by how much (rho) the largest loss of a person in the ledger grows.

    It is 0 when people outside the cohorts have lost more already.
    """
    if not spec.cohorts:
        return more
    account = run_gate.open_ledger()
    largest_loss = max(account.held(ALL, about) for about in build.list_budget_owners([spec], by_unit, account, period))
    return max(0.0, largest_loss + more - account.held(ALL))


def _left(spec: MicrodataSpec, by_unit: Mapping[str, Snapshot], account: privacy_budget.PeriodBudget) -> float:
    """Return the budget left (rho): for everyone, or with cohorts for the people of the new cohort only."""
    if not spec.cohorts:
        return account.left
    arguments = [spec], by_unit, run_gate.open_ledger(), account.period
    return min(run_gate.open_ledger().left(account.period, about) for about in build.list_budget_owners(*arguments))


def _rows(row: Release, unit: str) -> int:
    return next(
        (snapshot.rows for snapshot in source_snapshots.find_snapshots(row.snapshots) if snapshot.unit == unit), 0
    )


def _cost_of_sets(row: Release, sets: list[MicrodataSpec], by_unit: Mapping[str, Snapshot]) -> float:
    """Return the privacy loss that these sets charge (rho)."""
    return build.compute_needed_loss(sets, by_unit, run_gate.open_ledger(), row.period)


def _total_loss(row: Release, sets: list[MicrodataSpec]) -> float:
    """Return the loss of one person by a release with these sets (rho), also what was charged before."""
    from kerege.evidence.synthesis.pipeline import compute_loss

    return zcdp.compose(
        [*(table.rho for table in _tables(row)), *(compute_loss(spec.request(row.period)) for spec in sets)]
    )


def _tables(row: Release) -> list[TableSpec]:
    try:
        return parse_spec(dict(row.spec) | {"microdata": []}).tables
    except BadInput:
        return []  # the draft is not complete yet


def _cost_of_other_parts(row: Release, sets: list[MicrodataSpec], by_unit: Mapping[str, Snapshot]) -> float:
    """Return the privacy loss that the rest of the release charges (rho)."""
    return dp_tables.compute_needed_loss(by_unit, _tables(row), run_gate.open_ledger()) + _cost_of_sets(
        row, sets, by_unit
    )
