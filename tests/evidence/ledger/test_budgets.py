"""Budgets: ceilings, reserves, cohorts, and the second person who raises a ceiling."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.dp.zcdp import epsilon_to_rho, rho_to_epsilon
from kerege.evidence.ledger.budgets import ALL
from kerege.evidence.ledger.entry import EnteredCohort, EnteredSnapshot, EntryContents
from kerege.evidence.ledger.ledger import Ledger
from tests.evidence.budgets import raise_budget
from tests.evidence.made_ledgers import add, filled


def test_a_period_has_a_ceiling_of_its_own(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 3)
    assert rho_to_epsilon(ledger.budget("2025")) == pytest.approx(4, abs=1e-6)
    assert ledger.left("2025") == pytest.approx(ledger.budget("2025") - 0.03)
    with ledger.locked():
        ledger.set_budget("2025", 0.05, "cli:aliya")
        ledger.set_budget("2025", 0.04, "cli:aliya")
    assert ledger.budget("2025") == 0.04
    assert ledger.left("2025") == pytest.approx(0.01)
    assert ledger.budget("2026") > 0.2
    assert ledger.periods() == ["2025"]
    entry = ledger.entries()[-1]
    assert (entry.kind, entry.by, entry.rho) == ("budget", "cli:aliya", 0)


def test_a_refusal_states_what_remains_in_epsilon(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 3)
    with ledger.locked():
        ledger.set_budget("2025", epsilon_to_rho(2.0), "test")
    free = rho_to_epsilon(epsilon_to_rho(2.0) - 0.03)
    ledger.check("2025", 0)
    with pytest.raises(Refused) as refused:
        ledger.check("2025", epsilon_to_rho(1.5))
    match = re.fullmatch(
        r"the privacy budget of 2025 does not allow it: epsilon 1\.5 is requested, (\S+) is left, (\S+) of 2 is spent "
        r"or set aside \(at delta 1e-09; losses add up in rho\); ask for at most what is left, or raise it with kerege "
        r"ledger budget 2025 --epsilon E --reason TEXT, which a second person approves",
        str(refused.value),
    )
    assert match is not None
    left, spent = map(float, match.groups())
    assert spent == pytest.approx(rho_to_epsilon(0.03), rel=0.01)
    assert 0.99 * free < left <= free
    ledger.check("2025", epsilon_to_rho(left))  # a request for the printed remainder is granted
    with ledger.locked():
        ledger.set_budget("2025", 0.02, "test")  # lower than what is spent already
    assert ledger.left("2025") == 0
    ledger.check("2025", 0)
    with pytest.raises(Refused, match="0 is left"):
        ledger.check("2025", 1e-6)


def test_a_refusal_states_epsilon_at_the_delta_in_use(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    with pytest.raises(Refused, match=r"epsilon 6 is requested, .* \(at delta 1e-06;"):
        ledger.check("2025", epsilon_to_rho(6.0, 1e-6), at=1e-6)


@pytest.mark.parametrize(
    ("period", "epsilon", "limit"),
    [
        ("2025", 4.01, "the present 4"),
        ("all", 12.01, "the usual 12"),
        ("files", 6.0, "the present 4"),
        ("2025", 20.0, "the usual 12"),
    ],
)
def test_a_higher_ceiling_is_refused_without_a_second_person(
    tmp_path: Path, period: str, epsilon: float, limit: str
) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    with ledger.locked(), pytest.raises(Refused) as refused:
        ledger.set_budget(period, epsilon_to_rho(epsilon), "cli:aliya", "a decision")
    owner = {"all": "all periods together", "files": "all files without a period of their own"}.get(period, period)
    assert str(refused.value) == (
        f"a privacy budget of epsilon {epsilon:.3g} for {owner} is above {limit}: it needs a reason and a second "
        f"person; run kerege ledger budget {period} --epsilon E --reason TEXT, and have another person approve the "
        "request"
    )
    assert len(ledger.entries()) == 1


def test_a_second_person_raises_a_ceiling_with_the_reason(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    rho, before = epsilon_to_rho(6.0), ledger.budget("2025")
    with ledger.locked():
        request = ledger.request_budget("2025", rho, "cli:aliya", "decision 14 of the board")
        assert ledger.budget("2025") == before  # a request changes nothing
        assert ledger.left("2025") == pytest.approx(before - 0.01)
        entry = ledger.approve_budget(request.seq, "cli:bolat")
    assert ledger.budget("2025") == rho
    assert (entry.kind, entry.by, entry.requested_by) == ("budget", "cli:bolat", "cli:aliya")
    assert (entry.reason, entry.approves) == ("decision 14 of the board", request.seq)
    with ledger.locked():
        ledger.set_budget("2025", before, "cli:aliya")  # lower: one person is enough
        with pytest.raises(Refused, match="above the present 4"):
            ledger.set_budget("2025", rho, "cli:aliya")
        with pytest.raises(Refused, match="was set by entry 4 since entry 2 requested it: request it again"):
            ledger.approve_budget(request.seq, "cli:bolat")
    assert ledger.budget("2025") == before


def test_nobody_approves_their_own_request(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    with ledger.locked():
        request = ledger.request_budget("2025", 1.0, "cli:aliya", "more tables")
        with pytest.raises(Refused, match="entry 1 was requested by cli:aliya: another person approves it"):
            ledger.approve_budget(request.seq, "cli:aliya")
    assert rho_to_epsilon(ledger.budget("2025")) == pytest.approx(4)


def test_a_request_is_approved_once(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    raise_budget(ledger, "2025", 1.0)
    with ledger.locked(), pytest.raises(Refused, match="was set by entry 2 since entry 1 requested it"):
        ledger.approve_budget(1, "cli:carol")
    assert len(ledger.entries()) == 2


def test_a_ceiling_above_12_is_not_lowered_to_another_one_above_12_by_one_person(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    raise_budget(ledger, ALL, epsilon_to_rho(20.0))
    with ledger.locked():
        with pytest.raises(Refused, match="epsilon 15 for all periods together is above the usual 12"):
            ledger.set_budget(ALL, epsilon_to_rho(15.0), "cli:aliya")
        ledger.set_budget(ALL, epsilon_to_rho(12.0), "cli:aliya")
    assert rho_to_epsilon(ledger.budget(ALL)) == pytest.approx(12)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_request_without_a_reason_is_refused(tmp_path: Path, reason: str) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    with ledger.locked(), pytest.raises(BadInput, match="the budget has no reason, give one"):
        ledger.request_budget("2025", 1.0, "cli:aliya", reason)
    assert not ledger.path.exists()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_only_a_request_is_approved(tmp_path: Path, number: int) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    with ledger.locked(), pytest.raises(BadInput, match=f"entry {number} requests no budget"):
        ledger.approve_budget(number, "cli:bolat")


def test_a_raised_ceiling_of_an_earlier_version_stays_in_force(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    ledger._add(EntryContents(kind="budget", period="2025", ceiling=1.0, by="cli:aliya", rho=0))
    assert ledger.budget("2025") == 1.0


def test_a_new_period_label_gives_no_new_budget(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    ceiling, year = ledger.budget(ALL), ledger.budget("any")
    assert rho_to_epsilon(ceiling) == pytest.approx(12, abs=1e-6)
    for number in range(7):
        ledger.check(f"label {number}", year)
        add(ledger, number, period=f"label {number}", rho=year)
    assert ledger.left("label 8") == pytest.approx(ceiling - 7 * year)  # less than the ceiling of one period
    with pytest.raises(Refused, match=r"the privacy budget of all periods together .* kerege ledger budget all"):
        ledger.check("label 8", year)
    ledger.check("label 8", ceiling - 7 * year)
    raise_budget(ledger, ALL, 10.0)
    ledger.check("label 8", year)
    assert ledger.periods() == sorted(f"label {number}" for number in range(7))


def test_common_losses_reduce_the_ceiling_of_every_cohort(tmp_path: Path) -> None:
    """Losses of one cohort under two labels add up; another cohort keeps its ceiling."""
    ledger = filled(tmp_path / "ledger", 0)

    def of(year: str) -> EntryContents:
        return EntryContents(
            cohort=EnteredCohort(column="year", values=[year]), snapshots=[EnteredSnapshot(unit="victims")]
        )

    with ledger.locked():
        ledger.set_budget(ALL, 0.3, "test")
    add(ledger, 0, period="first", rho=0.1, **of("2024").tree)
    add(ledger, 1, period="second", rho=0.1, **of("2024").tree)
    add(ledger, 2, period="third", rho=0.05)
    assert ledger.composed() == ledger.spent(ALL) == pytest.approx(0.25)
    ledger.check("fourth", 0.2, of("2025"))
    ledger.check("fourth", 0.05, of("2024"))
    for rho, about in ((0.06, of("2024")), (0.06, None)):
        with pytest.raises(Refused, match="all periods together"):
            ledger.check("fourth", rho, about)


def test_files_without_a_period_share_one_ceiling(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    add(ledger, 0, period="files", rho=ledger.budget("files"))
    assert ledger.composed() == pytest.approx(epsilon_to_rho(4.0))
    with pytest.raises(Refused, match=r"of all files without a period of their own does not .* with --period if no "):
        ledger.check("files", 0.01)
    ledger.check("other people", 0.01)


def test_the_first_file_may_exceed_the_default_ceiling_of_files(tmp_path: Path) -> None:
    """The exception stays below the ceiling of all periods, and ends with an explicit ceiling."""
    ledger = filled(tmp_path / "ledger", 0)
    ceiling = ledger.budget(ALL)
    with pytest.raises(Refused, match="all periods together"):
        ledger.check("files", ceiling * 1.01)
    ledger.check("files", ceiling / 2)
    with pytest.raises(Refused, match="budget of 2025"):
        ledger.check("2025", ceiling / 2)
    add(ledger, 0, period="files", rho=ceiling / 2)
    assert ledger.left("files") == 0
    with pytest.raises(Refused, match="files without a period of their own"):
        ledger.check("files", 0.001)
    capped = filled(tmp_path / "other", 0)
    with capped.locked():
        capped.set_budget("files", 0.1, "test")
    with pytest.raises(Refused, match="files without a period of their own"):
        capped.check("files", 0.2)


def test_a_reserve_counts_as_spent_and_is_charged_only_once(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)

    def of(*years: str) -> EntryContents:
        cohort, snapshots = EnteredCohort(column="year", values=list(years)), [EnteredSnapshot(unit="victims")]
        return EntryContents(series="s", cohort=cohort, snapshots=snapshots)

    with ledger.locked():
        ledger.set_budget("2025", 0.2, "test")
        ledger.reserve("2025", 0.15, of("2023", "2024"))
    assert (ledger.spent("2025"), ledger.held("2025"), ledger.left("2025")) == (0, 0.15, pytest.approx(0.05))
    with pytest.raises(Refused, match=r"0\.06|budget of 2025"):
        ledger.check("2025", 0.06)
    ledger.check("2025", 0.2, of("2025"))
    for number, (year, rho) in enumerate([("2023", 0.12), ("2024", 0.12), ("2024", 0.03)]):
        add(ledger, number, rho=rho, reserved=-rho, **of(year).tree)
    assert ledger.spent("2025") == ledger.composed() == pytest.approx(0.15)
    assert ledger.held("2025") == pytest.approx(0.15)
    assert [ledger.set_aside(of(year)) for year in ("2023", "2024", "2025")] == [pytest.approx(0.03), 0, 0]
    for year in ("2024", "2025"):
        with pytest.raises(ValueError, match="no more than was set aside"):
            add(ledger, 9, rho=0.01, reserved=-0.01, **of(year).tree)


def test_the_delta_of_unlisted_values_has_a_ceiling_too(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    for number in range(2):
        ledger.check("2025", 0.01, EntryContents(delta=5e-5))
        add(ledger, number, period=str(number), delta=5e-5)
    assert ledger.unlisted() == pytest.approx(1e-4)
    with pytest.raises(Refused, match=r"takes delta 1e-09, and 0\.0001 of 0\.0001 is spent .* --schema"):
        ledger.check("2025", 0.01, EntryContents(delta=1e-9))
    ledger.check("2025", 0.01, EntryContents(delta=0.0))


def test_no_period_can_be_called_all(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be called all"):
        Ledger(tmp_path / "ledger").check(ALL, 0)


@pytest.mark.parametrize(("period", "rho"), [("2025", -1), ("2025", float("nan")), ("2025", float("inf")), (" ", 0.1)])
def test_an_invalid_budget_is_refused(tmp_path: Path, period: str, rho: float) -> None:
    ledger = Ledger(tmp_path / "ledger")
    with ledger.locked(), pytest.raises(BadInput):
        ledger.set_budget(period, rho, "test")
    assert not ledger.path.exists()


def test_losses_add_up_except_over_disjoint_cohorts(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    add(ledger, 10, period="2026", rho=0.05)
    assert ledger.composed() == pytest.approx(0.07)
    cohorts = [(["2024"], 0.1), (["2025"], 0.08), (["2025"], 0.06), (["2023", "2024"], 0.01)]
    for number, (values, rho) in enumerate(cohorts):
        add(ledger, 20 + number, rho=rho, cohort={"column": "year", "values": values})
    assert ledger.composed() == pytest.approx(0.07 + 0.14)  # 0.14 is the loss of cohort 2025; cohort 2024 has 0.11
    add(ledger, 30, rho=0.02, cohort={"column": "region", "values": ["ala"]})
    assert ledger.composed() == pytest.approx(0.07 + 0.14 + 0.02)
    assert ledger.spent("2025") == pytest.approx(0.02 + 0.14 + 0.02)  # without the charge of 2026


def test_the_cohorts_of_two_registers_are_not_disjoint(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    for number, (unit, sha256, year, series) in enumerate(
        [
            ("victims", "a", "2024", ""),
            ("victims", "b", "2025", ""),  # one register at two dates
            ("crimes", "c", "2025", ""),
            ("records", "d", "2024", ""),
            ("records", "e", "2025", ""),  # two files
            ("records", "f", "2024", "s"),
            ("records", "g", "2025", "s"),  # one file at two dates
        ]
    ):
        about = {"snapshots": [{"unit": unit, "sha256": sha256}], "cohort": {"column": "year", "values": [year]}}
        add(ledger, number, rho=0.01, **about, **({"series": series} if series else {}))
    assert ledger.composed() == ledger.spent("2025") == pytest.approx(0.05)


def test_a_cohort_has_the_budget_less_the_common_losses(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")

    def of(*years: str) -> EntryContents:
        cohort, snapshots = EnteredCohort(column="year", values=list(years)), [EnteredSnapshot(unit="victims")]
        return EntryContents(cohort=cohort, snapshots=snapshots)

    with ledger.locked():
        ledger.set_budget("2025", 0.1, "test")
    add(ledger, 1, rho=0.02)
    add(ledger, 2, rho=0.05, **of("2023").tree)
    add(ledger, 3, rho=0.03, **of("2024").tree)
    assert ledger.left("2025") == pytest.approx(0.03)
    ledger.check("2025", 0.08, of("2025"))
    ledger.check("2025", 0.05, of("2024"))
    ledger.check("2025", 0.03, of("2023", "2024"))
    for years, rho in ((["2025"], 0.081), (["2024"], 0.051), (["2023", "2024"], 0.031)):
        with pytest.raises(Refused, match="budget of 2025"):
            ledger.check("2025", rho, of(*years))
    with pytest.raises(Refused, match="budget of 2025"):
        ledger.check("2025", 0.031)
