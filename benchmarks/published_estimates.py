"""Compare the estimates of publications with those of this package.

Run `python benchmarks/published_estimates.py [--write] [--rows 1,2,3]`.

Each row of `tests/evidence/mse/data/published_estimates.csv` is run by the method that its publication states, with as
many resamples as there. `--write` writes the table into `docs/validation/mse.md`. Whether a row is
reproduced is computed from the two numbers and their intervals:

- yes: the point estimate has the printed digits, and both limits are equal to the printed ones, or within 10% if they
  come from resamples or chains, whose random numbers differ. Two point estimates are of two likelihoods: one is enough;
- point: the point estimate has the printed digits, and a limit differs more;
- no: the row was not run, or its point estimate differs. `REASONS` says why.

`tests/benchmarks/test_published_estimates.py` compares the page with the publications and computes this column again.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from kerege.evidence.mse import Lists, average_decomposable, bootstrap, lcmcr
from kerege.evidence.mse.bayes.decomposable_graphs import dga_grid
from kerege.evidence.mse.loglinear.aic_selection import select_by_aic
from kerege.evidence.mse.loglinear.bootstrap_intervals import Bootstrap
from kerege.evidence.mse.loglinear.profile_likelihood import ProfileInterval, profile_interval
from tests.evidence.mse.tables import ALL, DATA, table

PAGE = Path(__file__).parents[1] / "docs" / "validation" / "mse.md"
HEADING = "## Published estimates"
CLOSE, CHAINS_CLOSE = 0.1, 0.05  # relative difference of a limit from resamples, of a median from chains
EXTREME = 0.01  # a limit that is read at a level below this, or above 1 minus this, is one of the extremes
TIMES = {"SparseMSE": 2_000, "stepwise": 1_000, "main effects": 1_000, "BIC": 1_000, "downhill": 1_000}
CHAINS, SWEEPS, CLASSES = 20, 100_000, 10

Limits = tuple[float, float]


class Here(NamedTuple):
    """Estimate of this package, its 95% interval, and a remark on them."""

    estimate: float
    limits: Limits | None = None
    remark: str = ""


REASONS = {
    "Western": "the overlap table (Farrell and others 2019) is not among the data here",
    "46": "the publication states a range and no model; the table is here",
    "47": "the covariates are not public",
    "48": "the table is not public",
}


@cache
def published_rows() -> tuple[Mapping[str, str], ...]:
    """Return the rows of the file of published estimates."""
    with (DATA / "published_estimates.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def find_table(name: str) -> Lists | None:
    """Return a published table; the New Orleans tables of 186 cases have one person more on lists C and D."""
    if name in ALL:
        return table(name)
    if not name.endswith("_186"):
        return None
    lists = table(name.removesuffix("_186"))
    both = sum(1 << lists.names.index(letter) for letter in "CD")
    return Lists(lists.histories, lists.counts + (lists.histories == both), lists.names)


def run_bootstrap(row: Mapping[str, str], lists: Lists, method: str) -> Here:
    """Run a bootstrap as the row describes it, and return the BCa limits."""
    ntop = re.search(r"ntop=(\d+)$", row["selection"])
    result = bootstrap(
        lists,
        method,
        order=2 if "maxorder 2" in row["method"] else None,
        ntop=int(ntop[1]) if ntop else None,
        times=next(times for words, times in TIMES.items() if words in row["method"]),
    )
    interval = result.bca(0.95)
    return Here(result.estimate, (interval.lower, interval.upper), describe_levels(result))


def describe_levels(result: Bootstrap) -> str:
    """Return where among the resamples the BCa limits are read, if one is an extreme."""
    low, high = result.bca_levels(0.95)
    if low >= EXTREME and high <= 1 - EXTREME:
        return ""
    return f"BCa reads its limits at the levels {low:.4f} and {high:.4f}: among the extremes of the resamples"


def run_graphs(lists: Lists) -> Here:
    """Average over decomposable graphs on the grid of the R package."""
    average = average_decomposable(lists, dga_grid(lists))
    return Here(average.estimate, average.interval(0.95))


def run_classes(lists: Lists) -> Here:
    """Fit latent classes with as many classes as the publication."""
    classes = lcmcr(lists, classes=CLASSES, chains=CHAINS, sweeps=SWEEPS)
    remark = f"no estimate here: {classes.no_estimate}" if classes.no_estimate else ""
    return Here(classes.median, classes.interval95, remark)


def run_aic(lists: Lists) -> Here:
    """Select by AIC, with the multinomial profile likelihood of the R package Rcapture."""
    return Here(*_split(profile_interval(lists, select_by_aic(lists).model, stirling=True)))


def _split(interval: ProfileInterval) -> tuple[float, Limits]:
    return interval.estimate, (interval.lower, interval.upper)


def run_registers(_: Mapping[str, str]) -> Here:
    """Fit the two registers of van der Heijden and others 2018 with covariates that one register records."""
    import polars as pl

    from kerege.evidence.mse import with_covariates

    columns = {
        "A": [1, 1, 1, 1, 1, 1, 0, 0],
        "B": [1, 1, 1, 1, 0, 0, 1, 1],
        "X1": ["0", "0", "1", "1", "0", "1", None, None],
        "X2": ["0", "1", "0", "1", None, None, "0", "1"],
        "count": [259, 539, 110, 177, 13898, 12356, 91, 164],
    }
    model = [["A", "X2"], ["B", "X1"], ["X1", "X2"]]
    recorded = {"X1": ["A"], "X2": ["B"]}
    return Here(with_covariates(pl.DataFrame(columns), ["A", "B"], recorded, model=model, bootstrap=0).estimate)


def run_row(row: Mapping[str, str]) -> Here | None:
    """Return what this package says on a row; None if the row cannot be run."""
    if row["dataset"] == "vdH2018_AII":
        return run_registers(row)
    lists = find_table(row["dataset"])
    runner = next((run for words, run in RUNNERS.items() if words in row["method"]), None)
    return None if lists is None or runner is None else runner(row, lists)


RUNNERS: Mapping[str, Callable[[Mapping[str, str], Lists], Here]] = {
    "stepwise p=0.02": lambda row, lists: run_bootstrap(row, lists, "stepwise"),
    "SparseMSE": lambda row, lists: run_bootstrap(row, lists, "stepwise"),
    "main effects": lambda row, lists: run_bootstrap(row, lists, "independence"),
    "BIC": lambda row, lists: run_bootstrap(row, lists, "bic"),
    "downhill": lambda row, lists: run_bootstrap(row, lists, "downhill"),
    "independence": lambda row, lists: Here(*_split(profile_interval(lists, likelihood="poisson"))),
    "Poisson log-linear": lambda row, lists: run_aic(lists),
    "dga": lambda row, lists: run_graphs(lists),
    "LCMCR": lambda row, lists: run_classes(lists),
}


def published_limits(row: Mapping[str, str]) -> Limits | None:
    """Return the published 95% interval; None without one."""
    return (float(row["lo95"]), float(row["hi95"])) if row["lo95"] else None


def is_reproduced(row: Mapping[str, str], here: Here | None) -> str:
    """Return `yes`, `point` or `no`, from the numbers as the page prints them."""
    if here is None or not row["point"] or not is_point_close(row, here.estimate):
        return "no"
    limits = published_limits(row)
    if limits is None:
        return "yes"
    return "yes" if here.limits is not None and are_limits_close(row, here.limits, limits) else "point"


def is_point_close(row: Mapping[str, str], estimate: float) -> bool:
    """Return whether the estimate has the printed digits; the median of chains may differ by 5%."""
    return any(_is_number_close(row, estimate, printed) for printed in row["point"].split("~"))


def _is_number_close(row: Mapping[str, str], estimate: float, printed: str) -> bool:
    """Return whether the estimate has the digits of one printed number."""
    digits = len(printed.partition(".")[2])
    slack = CHAINS_CLOSE * float(printed) if "LCMCR" in row["method"] else 0.51 * 10**-digits
    return abs(estimate - float(printed)) <= slack


def are_limits_close(row: Mapping[str, str], here: Limits, published: Limits) -> bool:
    """Return whether both limits are equal, or within 10% if random numbers are behind them."""
    is_exact = "dga" in row["method"] or "profile" in row["selection"] or "AIC" in row["selection"]
    slack = 0.0 if is_exact else CLOSE
    digit = 1000 if "AIC" in row["selection"] else 1  # its limits are printed in thousands
    return all(abs(a - b) <= slack * b + 0.51 * digit for a, b in zip(here, published, strict=True))


def count_digits(row: Mapping[str, str]) -> int:
    """Return the decimals with which the page prints the estimate of a row."""
    return max(len(row["point"].partition(".")[2]), 1)


def write_figures(estimate: str, limits: Limits | None) -> str:
    """Return an estimate and its limits as the page prints them."""
    return estimate + (f" ({limits[0]:,.0f} to {limits[1]:,.0f})" if limits else "")


def write_published(row: Mapping[str, str]) -> str:
    """Return the published figures of a row as the page prints them."""
    words = row["point"].replace("~", " to ")
    point = f"{float(words):,.{count_digits(row)}f}".removesuffix(".0") if re.fullmatch(r"[\d.]+", words) else words
    return write_figures(point, published_limits(row)).strip()


def explain(row: Mapping[str, str], here: Here | None, reproduced: str) -> str:
    """Return the remark of a row: why it is not reproduced, or what its limits depend on."""
    if reproduced == "yes":
        return ""
    return REASONS.get(row["id"]) or REASONS.get(row["dataset"]) or (here.remark if here else "")


def write_row(row: Mapping[str, str]) -> str:
    """Run a row, and return its line of the table."""
    here = run_row(row)
    reproduced = is_reproduced(row, here)
    method = f"{row['method']}, {row['selection']}" if row["selection"] else row["method"]
    cells = [row["id"], row["dataset"], method, write_published(row), "", reproduced, explain(row, here, reproduced)]
    if here is not None:
        cells[4] = write_figures(f"{here.estimate:,.{count_digits(row)}f}".removesuffix(".0"), here.limits)
    line = f"| {' | '.join(cells)} |"
    print(line, flush=True)
    return line


def find_table_lines(text: str) -> tuple[int, int]:
    """Return where the table of the page starts and ends."""
    start = text.index("\n| row |", text.index(HEADING)) + 1
    return start, text.index("\n\n", start)


def write_page(lines: Mapping[str, str]) -> None:
    """Replace lines of the table on the page; rows that were not run stay."""
    text = PAGE.read_text(encoding="utf-8")
    start, end = find_table_lines(text)
    head, rule, *written = text[start:end].split("\n")
    on_page = {line.split("|")[1].strip(): line for line in written} | dict(lines)
    rows = [on_page[row["id"]] for row in published_rows() if row["id"] in on_page]
    after = re.sub(r"Of \d+ rows, [^.]*\.", count_rows(rows), text[end:], count=1)
    PAGE.write_text(text[:start] + "\n".join([head, rule, *rows]) + after, encoding="utf-8")


def count_rows(lines: Sequence[str]) -> str:
    """Return the sentence with the number of rows by result."""
    results = Counter(line.split("|")[6].strip() for line in lines)
    return f"Of {len(lines)} rows, {results['yes']} are yes, {results['point']} point and {results['no']} no."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the table into docs/validation/mse.md")
    parser.add_argument("--rows", default="", help="numbers of rows (default: all)")
    asked = parser.parse_args()
    chosen = [row for row in published_rows() if not asked.rows or row["id"] in asked.rows.split(",")]
    lines = {row["id"]: write_row(row) for row in chosen}
    if asked.write:
        write_page(lines)


if __name__ == "__main__":
    main()
