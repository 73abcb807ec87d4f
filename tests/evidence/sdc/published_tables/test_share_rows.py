"""Percentages of a number that is not published bound the counts exactly, as an enumeration shows."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random

import pytest

from kerege.evidence.sdc.disclosure.assessment import assess_disclosure, feasible_intervals
from kerege.evidence.sdc.published_tables.publication import Publication

MOST = 60  # people of one value in the enumeration


def printed_share(count: int, total: int, digits: int) -> str:
    """Return a percentage, rounded half up."""
    scaled = Fraction(100 * 10**digits * count, total)
    rounded = int(scaled + Fraction(1, 2))
    return f"{rounded // 10**digits}.{rounded % 10**digits:0{digits}d}" if digits else str(rounded)


def fits(share: str, count: int, total: int, digits: int) -> bool:
    """Return whether a count is within half a digit of a printed share."""
    return abs(Fraction(100 * count, total) - Fraction(share)) <= Fraction(1, 2 * 10**digits)


@pytest.mark.parametrize("seed", range(12))
def test_the_ends_are_those_of_all_counts_that_fit(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    digits, counts = rng.choice([0, 1]), [rng.randint(1, 30) for _ in range(3)]
    total, shown = sum(counts), rng.randint(0, 2)
    shares = [printed_share(count, total, digits) for count in counts]
    figures = [str(count) if place == shown else "x" for place, count in enumerate(counts)]
    rows = "".join(f"{name},{figure},{share}\n" for name, figure, share in zip("abc", figures, shares, strict=True))
    (tmp_path / "t.csv").write_text("group,count,percent\n" + rows + f"Total,x,{printed_share(1, 1, digits)}\n")
    ends = feasible_intervals(Publication.read(tmp_path))["t"]
    ranges = [[count] if place == shown else range(1, MOST) for place, count in enumerate(counts)]
    fitting = [
        chosen
        for chosen in product(*ranges)
        if all(fits(share, count, sum(chosen), digits) for share, count in zip(shares, chosen, strict=True))
    ]
    assert max(max(chosen) for chosen in fitting) < MOST - 1 or len(fitting) > 50
    for place, name in enumerate("abc"):
        values = [chosen[place] for chosen in fitting]
        if place != shown and max(values) < MOST - 1:
            assert ends[(name,)] == (min(values), max(values))


@pytest.mark.parametrize(("percent", "is_safe"), [("2", False), ("20", True)])
def test_a_small_share_of_an_unknown_total_is_a_disclosure(tmp_path: Path, percent: str, is_safe: bool) -> None:
    rest = 100 - 60 - int(percent)
    (tmp_path / "t.csv").write_text(f"group,count,percent\nTotal,x,100\na,120,60\nb,x,{rest}\nc,x,{percent}\n")
    report = assess_disclosure(Publication.read(tmp_path))
    assert report.safe is is_safe
    assert not report.undecided
    assert {tuple(finding.cell.values()): (finding.lower, finding.upper) for finding in report.disclosures} == (
        {} if is_safe else {("c",): (3, 5)}
    )


def test_a_share_links_two_tables(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("area,count,percent\nTotal,x,100.0\nNorth,x,98.0\nSouth,x,2.0\n")
    (tmp_path / "b.csv").write_text("sex,count\nTotal,200\nmen,90\nwomen,110\n")
    report = assess_disclosure(Publication.read(tmp_path))
    assert not report.safe
    tied = [f for f in report.disclosures if f.cell == {"area": "South"}]
    assert [(f.lower, f.upper) for f in tied] == [(4, 4)]


def test_percentages_with_too_many_digits_stay_undecided(tmp_path: Path) -> None:
    text = "group,count,percent\nTotal,x,100\na,120,60.1234567\nb,x,37.8765432\nc,x,2.0000001\n"
    (tmp_path / "t.csv").write_text(text)
    report = assess_disclosure(Publication.read(tmp_path))
    assert not report.safe
    assert report.undecided
