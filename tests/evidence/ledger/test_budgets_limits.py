"""Limits of budgets to the last digit, and losses that a series or a register shares."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.dp.zcdp import epsilon_to_rho, rho_to_epsilon
from kerege.evidence.ledger.budgets import ALL
from kerege.evidence.ledger.entry import EnteredCohort, EnteredSnapshot, EntryContents
from tests.evidence.budgets import raise_budget
from tests.evidence.made_ledgers import add, filled


def test_a_charge_may_use_the_whole_budget_and_nothing_more(tmp_path: Path) -> None:
    """Ten charges of a tenth add up to the budget, although 10 * 0.1 is not the float 1 in every order."""
    ledger = filled(tmp_path / "ledger", 0)
    raise_budget(ledger, "2025", 0.3)
    for number in range(3):
        ledger.check("2025", 0.1)
        add(ledger, number, rho=0.1)
    assert ledger.left("2025") == pytest.approx(0, abs=1e-12)
    with pytest.raises(Refused, match="0 is left"):
        ledger.check("2025", 1e-8)


@pytest.mark.parametrize("rho", [1e-4, 0.0213, 0.1999, 0.5, 1.234])
def test_the_printed_remainder_is_never_more_than_what_is_left(tmp_path: Path, rho: float) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    raise_budget(ledger, "2025", rho)
    with pytest.raises(Refused) as refused:
        ledger.check("2025", 1.4)
    printed = re.search(r"is requested, (\S+) is left", str(refused.value))
    assert printed is not None
    ledger.check("2025", epsilon_to_rho(float(printed[1])))
    assert float(printed[1]) > 0.98 * rho_to_epsilon(rho)
    assert len(printed[1].strip("0.").replace(".", "")) <= 3


def test_a_ceiling_of_0_forbids_every_loss_and_no_table_without_one(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    with ledger.locked():
        ledger.set_budget("2025", 0, "cli:aliya")
    assert ledger.budget("2025") == ledger.left("2025") == 0
    ledger.check("2025", 0)
    with pytest.raises(Refused, match="0 is left, 0 of 0 is spent"):
        ledger.check("2025", 1e-9)


@pytest.mark.parametrize(("factor", "is_allowed"), [(1.0, True), (1 + 1e-12, True), (1 + 1e-6, False), (0.5, True)])
def test_one_person_sets_a_ceiling_up_to_the_present_one(tmp_path: Path, factor: float, is_allowed: bool) -> None:
    """A ceiling that differs from the present one by rounding alone is no raise."""
    ledger = filled(tmp_path / "ledger", 0)
    assert ledger.needs_approval("2025", factor * ledger.budget("2025")) is not is_allowed
    assert ledger.needs_approval(ALL, factor * epsilon_to_rho(12.0)) is not is_allowed


def test_a_ceiling_is_at_most_the_largest_loss(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    with ledger.locked(), pytest.raises(BadInput, match=r"a budget is a number of 0 or more, give rho, such as 0\.2"):
        ledger.request_budget("2025", 10_000.1, "cli:aliya", "a decision")
    with ledger.locked(), pytest.raises(BadInput, match="the budget has no period, name one, such as 2025"):
        ledger.request_budget("", 1.0, "cli:aliya", "a decision")
    with ledger.locked():
        assert ledger.request_budget("2025", 10_000, "cli:aliya", "a decision").ceiling == 10_000


def test_requests_and_all_periods_together_are_no_periods(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    with ledger.locked():
        ledger.request_budget("2030", 0.1, "cli:aliya", "a decision")
        ledger.set_budget(ALL, 0.5, "cli:aliya")
        ledger.set_budget("2027", 0.1, "cli:aliya")
    add(ledger, 1, period="2026")
    add(ledger, 2, period="")
    assert ledger.periods() == ["2026", "2027"]


def test_a_period_in_a_command_is_quoted(tmp_path: Path) -> None:
    """A refusal prints a command that the user can run as it is."""
    ledger = filled(tmp_path / "ledger", 0)
    with pytest.raises(Refused, match="kerege ledger budget '2025; rm -r x' --epsilon E --reason TEXT"):
        ledger.check("2025; rm -r x", 1.4)
    with ledger.locked(), pytest.raises(Refused, match="kerege ledger budget 'two words' --epsilon E"):
        ledger.set_budget("two words", 1.4, "cli:aliya")


def test_the_first_file_counts_with_its_reserve(tmp_path: Path) -> None:
    """The ceiling of files without a period follows the first loss or reserve, not a file without a loss."""
    ledger = filled(tmp_path / "ledger", 0)
    default = ledger.budget("files")
    assert ledger.budget("files", asked=1.0) == 1.0
    assert ledger.budget("files", asked=0.01) == ledger.budget("2025", asked=1.0) == default
    add(ledger, 0, period="files", rho=0)
    assert ledger.budget("files", asked=1.0) == 1.0
    with ledger.locked():
        ledger.reserve("files", 0.75, EntryContents(series="s"))
    assert ledger.budget("files", asked=1.0) == 0.75


def test_a_reserve_is_drawn_by_the_series_that_made_it(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    cohort = EnteredCohort(column="year", values=["2024"])
    own, other = (EntryContents(series=series, cohort=cohort) for series in ("own", "other"))
    with ledger.locked():
        entry = ledger.reserve("2025", 0.125, own)
    assert (entry.kind, entry.rho, entry.reserved, entry.series) == ("reserve", 0, 0.125, "own")
    assert (ledger.set_aside(own), ledger.set_aside(other)) == (0.125, 0)
    with pytest.raises(ValueError, match="an entry draws no more than was set aside"):
        add(ledger, 1, rho=0.1, reserved=-0.1, **other.tree)
    add(ledger, 2, rho=0.125, reserved=-0.125, **own.tree)
    assert ledger.set_aside(own) == 0


def test_the_delta_of_two_registers_is_that_of_the_most_exposed_person(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)

    def of(unit: str, year: str) -> dict[str, object]:
        cohort = EnteredCohort(column="year", values=[year])
        return EntryContents(cohort=cohort, snapshots=[EnteredSnapshot(unit=unit)]).tree

    add(ledger, 0, period="2024", delta=4e-5, **of("victims", "2024"))
    add(ledger, 1, period="2025", delta=3e-5, **of("victims", "2025"))
    add(ledger, 2, period="2025", delta=1e-5, **of("crimes", "2025"))
    assert ledger.unlisted() == pytest.approx(5e-5)
    assert ledger.unlisted(period="2025") == pytest.approx(4e-5)
    about = EntryContents.model_validate(of("victims", "2025") | {"delta": 6e-5})
    ledger.check("2026", 0.001, about)  # 3e-5 of this cohort, 1e-5 of crimes
    with pytest.raises(Refused, match=r"takes delta 6\.1e-05, and 4e-05 of 0\.0001 is spent"):
        ledger.check("2026", 0.001, about.merged(EntryContents(delta=6.1e-5)))
