"""Noisy tables beside exact ones: a brute-force posterior, and planted leaks with safe twins."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.tables import noised_table
from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.disclosure.report import AttackReport
from tests.evidence.made_folders import table, write
from tests.evidence.sdc.disclosure.posterior_oracle import (
    ATOMS,
    REGIONS,
    SEXES,
    Ints,
    NoisyFigure,
    count,
    posterior,
    registers_of,
    shortest_interval,
    weigh,
)

GROUPS = [
    {name: code for name, code in (("sex", sex), ("region", region)) if code != "_T"}
    for sex, region in product(("_T", *SEXES), ("_T", *REGIONS))
]
MOST_PEOPLE = 22  # of a register that the oracle tries; the noise makes larger ones improbable
THRESHOLD = 4


@dataclass(frozen=True)
class Case:
    """A random release: an exact table with suppressed cells, and noisy figures of some groups."""

    register: Ints
    hidden: list[dict[str, str]]
    figures: list[NoisyFigure]

    def fitting(self, registers: Ints) -> Ints:
        """Return the registers that agree with the exact table; a suppressed figure is at least 1."""
        fits = np.ones(len(registers), dtype=bool)
        for group in GROUPS:
            counts = count(registers, group)
            fits &= counts >= 1 if group in self.hidden else counts == count(self.register, group)
        return registers[fits]

    def write(self, folder: Path) -> Path:
        rows = [["sex", "region", "count", "status"]]
        for group in GROUPS:
            shown = ["", "suppressed"] if group in self.hidden else [str(count(self.register, group)), "ok"]
            rows.append([group.get("sex", "_T"), group.get("region", "_T"), *shown])
        noisy = [
            table(
                f"noisy{number}",
                [["count", "status"], [str(figure.count), "noised"]],
                where={name: [code] for name, code in figure.group.items()},
                params={"sigma": {"counts": figure.sigma}},
            )
            for number, figure in enumerate(self.figures)
        ]
        return write(folder, [table("exact", rows), *noisy])


def draw(rng: random.Random) -> Case:
    """Return a random case in which every suppressed figure is at least 1."""
    register = np.array([rng.randint(0, 5) for _ in ATOMS])
    hidden = [group for group in GROUPS if count(register, group) and rng.random() < (0.85 if len(group) == 2 else 0.5)]
    figures = []
    for group in rng.sample(GROUPS, rng.randint(1, 5)):
        sigma = rng.choice([0.4, 0.8, 1.5, 3.0])
        values = range(-60, 61)
        [noise] = rng.choices(values, [math.exp(-(v**2) / (2 * sigma**2)) for v in values])
        figures.append(NoisyFigure(group, max(int(count(register, group)) + noise, 0), sigma))
    return Case(register, hidden, figures)


def is_safe(lower: int, upper: int) -> bool:
    """Return whether an interval is safe by the definition."""
    return lower >= THRESHOLD or upper == 0 or (upper >= THRESHOLD and upper - lower >= THRESHOLD - 1)


def by_group(report: AttackReport) -> dict[tuple[tuple[str, str], ...], tuple[str, int, int]]:
    """Return the narrowest disclosure of each group, with its kind."""
    result: dict[tuple[tuple[str, str], ...], tuple[str, int, int]] = {}
    for finding in report.disclosures:
        key = tuple(sorted({**finding.cell, **{name: codes[0] for name, codes in finding.where.items()}}.items()))
        ends = (finding.kind, finding.lower, finding.upper)
        result[key] = min(result.get(key, ends), ends, key=lambda interval: interval[2] - interval[1])
    return result


@pytest.mark.parametrize("seed", range(14))
def test_intervals_cover_the_posterior_and_are_not_narrower(tmp_path: Path, seed: int) -> None:
    case = draw(random.Random(seed))
    report = examine(case.write(tmp_path / "release"), (), THRESHOLD)
    assert not report.undecided
    findings = by_group(report)
    registers = case.fitting(registers_of(MOST_PEOPLE))
    weights = weigh(registers, case.figures)
    for group in case.hidden:
        sizes = posterior(registers, weights, group)
        low, high = shortest_interval(sizes, 0.999)
        kind, lower, upper = findings.get(tuple(sorted(group.items())), ("", 0, 0))
        if not kind:
            assert is_safe(low, high), f"{group} is narrow, and nobody says so"
        elif kind == "noise":
            assert sum(p for size, p in sizes.items() if lower <= size <= upper) >= 0.999, group
            assert upper - lower >= high - low, group


def sexes(
    female: tuple[int | str, str], male: tuple[int | str, str], total: int, sigma: float | None
) -> dict[str, object]:
    """Return a table by sex; with a sigma it is a noisy one."""
    params = {} if sigma is None else {"sigma": {"counts": sigma}}
    rows = [["sex", "count", "status"], ["_T", str(total), "ok" if sigma is None else "noised"]]
    rows += [["female", str(female[0]), female[1]], ["male", str(male[0]), male[1]]]
    return table("exact" if sigma is None else "noisy", rows, params=params)


HIDDEN = sexes(("", "suppressed"), ("", "suppressed"), 30, None)


@pytest.mark.parametrize(("sigma", "is_found"), [(0.3, True), (1.0, True), (2.0, True), (5.0, False), (20.0, False)])
def test_a_noisy_twin_of_a_suppressed_figure_is_found_unless_its_noise_is_large(
    tmp_path: Path, sigma: float, is_found: bool
) -> None:
    noisy = sexes((4, "noised"), (26, "noised"), 30, sigma)
    report = examine(write(tmp_path / "release", [HIDDEN, noisy]))
    assert report.safe is not is_found
    assert all(finding.kind == "noise" and finding.lower <= 4 <= finding.upper for finding in report.disclosures)
    if sigma == 0.3:
        [finding, *_] = report.disclosures
        assert (finding.lower, finding.upper) == (3, 5)
        assert "with a probability of 99.9 % it is between 3 and 5" in finding.words[1]
        assert "from 4 (" in finding.words[1]
        assert "table noisy)" in finding.words[1]
        assert finding.remedy.startswith("Leave out table noisy, or give the noisy figures a standard deviation of")


def test_the_twin_that_is_safe_by_one_person(tmp_path: Path) -> None:
    """At sigma 2.8 the noise reaches 9.2 people: a published 0 is at most 9, a published 1 at most 10."""
    for number, figure in enumerate((0, 1)):
        noisy = table("noisy", [["count", "status"], [str(figure), "noised"]], params={"sigma": {"counts": 2.8}})
        report = examine(write(tmp_path / f"release{number}", [noisy]))
        assert report.safe is (figure == 1), report.disclosures


def test_noise_of_no_stated_size_tells_nothing(tmp_path: Path) -> None:
    noisy = sexes((4, "noised"), (26, "noised"), 30, 1.0)
    noisy["entry"] |= {"params": {}}  # type: ignore[operator]
    assert examine(write(tmp_path / "release", [HIDDEN, noisy])).safe


def test_several_noisy_tables_are_averaged(tmp_path: Path) -> None:
    """One figure of sigma 6 hides four women; the mean of sixteen has a sigma of 1.5 and does not."""
    noisy = [
        table(
            f"noisy{number}",
            [["count", "status"], [str(4 + number % 2), "noised"]],
            where={"sex": ["female"]},
            params={"sigma": 6 + number / 1000},
        )
        for number in range(16)
    ]
    assert examine(write(tmp_path / "one", [HIDDEN, noisy[0]])).safe
    report = examine(write(tmp_path / "all", [HIDDEN, *noisy]))
    assert {finding.kind for finding in report.disclosures} == {"noise"}
    assert all(finding.upper < 10 for finding in report.disclosures)


def test_a_noisy_table_that_is_published_again_is_no_second_measurement(tmp_path: Path) -> None:
    rows = [["count", "status"], ["4", "noised"]]
    noisy = [table(f"noisy{n}", rows, where={"sex": ["female"]}, params={"sigma": 6}) for n in range(16)]
    assert examine(write(tmp_path / "all", [HIDDEN, *noisy])).safe


def test_the_difference_of_an_exact_total_and_a_sum_of_noisy_figures_is_found(tmp_path: Path) -> None:
    """Nobody counts the third code with noise, but the exact total and the others leave 3 people."""
    rows = [["kind", "count", "status"], ["_T", "103", "ok"]]
    rows += [[code, "", "suppressed"] for code in ("a", "b", "c")]
    for sigma, is_safe_then in ((0.4, False), (6.0, True)):
        noisy = [
            table(
                f"noisy_{code}", [["count", "status"], [str(figure), "noised"]], where={"kind": [code]}, params=params
            )
            for code, figure in (("a", 40), ("b", 60))
            for params in [{"sigma": sigma}]
        ]
        report = examine(write(tmp_path / str(sigma), [table("exact", rows), *noisy]))
        assert report.safe is is_safe_then
        assert is_safe_then or any(finding.cell == {"kind": "c"} for finding in report.disclosures)


def test_an_exact_total_tells_only_the_noise_of_its_noisy_twin(tmp_path: Path) -> None:
    """The other figures have noise of their own: knowing that of the total changes little."""
    noisy = sexes((4, "noised"), (26, "noised"), 36, 5.0)
    exact = table("exact", [["count", "status"], ["30", "ok"]])
    assert examine(write(tmp_path / "release", [exact, noisy])).safe


def test_figures_that_no_noise_of_the_stated_size_explains_are_undecided(tmp_path: Path) -> None:
    noisy = table("noisy", [["count", "status"], ["300", "noised"]], params={"sigma": 1.0})
    exact = table("exact", [["sex", "count", "status"], ["_T", "30", "ok"]])
    report = examine(write(tmp_path / "release", [exact, noisy]))
    assert not report.safe


def test_the_mechanism_stays_within_the_intervals() -> None:
    """The stated sigma explains the figures of our own mechanism after all post-processing."""
    people = pl.DataFrame({"sex": ["f"] * 30 + ["m"] * 4, "region": (["n"] * 3 + ["s"] * 14) * 2})
    rows = Snapshot.from_frame(people)
    domains = {"sex": ["f", "m"], "region": ["n", "s"]}
    outside = cells = 0
    for seed in range(150):
        table_of = noised_table(rows, ["sex", "region"], 0.2, domains, seed=seed)
        assert table_of.error95 is not None
        assert table_of.truth is not None
        deviation = (table_of.error95 - 0.5) / 1.96
        outside += int((np.abs(table_of.counts - table_of.truth) > 3.2905 * deviation + 0.5).sum())
        cells += table_of.counts.size
    assert outside <= 0.004 * cells
