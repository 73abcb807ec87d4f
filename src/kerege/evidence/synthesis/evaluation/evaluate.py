"""Evaluation of synthetic records: utility of the counts, and disclosure risk for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import comb
from pathlib import Path
from typing import Any

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed
from kerege.charts.svg_chart import SvgChart
from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.counting.joint_counts import count_both
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.synthesis.evaluation.attacks import Privacy, attack
from kerege.evidence.synthesis.evaluation.comparison.compare import SideComparison, compare
from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout, hold_back
from kerege.evidence.synthesis.evaluation.count_spread import SpreadBin, spread
from kerege.evidence.synthesis.evaluation.messages import words
from kerege.evidence.synthesis.evaluation.refit import NotAnew
from kerege.evidence.synthesis.evaluation.result_charts import draw_risks, tabulate_risks
from kerege.evidence.synthesis.evaluation.risk_ratings import Verdict, rate_risks
from kerege.evidence.synthesis.evaluation.utility import Quality, read, utility
from kerege.evidence.synthesis.measurement.public_schema import Schema, keep_listed_values, parse_schema

Certificate = dict[str, Any]
Refitting = Callable[[pl.DataFrame, Certificate, int], pl.DataFrame]
SUFFIX = ".certificate.json"
FULL_ORDER = 4  # length of the longest combinations that are compared by default
MOST_COMBINATIONS = 300_000_000  # of FULL_ORDER values, over all records: more would take minutes
NOT_HELD = "no rows were held back, and there is no --control"
TOO_MANY = "the records have too many combinations of four values: name --order 4, or fewer columns"


@dataclass(frozen=True)
class Evaluation:
    """Result of an evaluation.

    `spread` is by combination length; if `privacy` is None, `unmeasured` says why. `uncounted` says why combinations of
    four values were not compared although no order was asked for; '' if they were.
    """

    original: Snapshot
    synthetic: Snapshot
    order: int
    seed: int
    quality: Quality
    spread: dict[int, list[SpreadBin]]
    privacy: Privacy | None
    verdicts: list[Verdict]
    certificate: Certificate | None
    comparison: SideComparison
    unmeasured: str = ""
    uncounted: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the evaluation for JSON."""
        return {
            "original": _describe_file(self.original),
            "order": self.order,
            "synthetic": _describe_file(self.synthetic) | {"sha256": self.synthetic.sha256},
            "seed": self.seed,
            "quality": self.quality.as_dict(),
            "uncounted": self.uncounted,
            "comparison": self.comparison.as_dict(),
            "privacy": self.privacy and self.privacy.as_dict(),
            "unmeasured": self.unmeasured,
            "verdicts": [verdict.as_dict() for verdict in self.verdicts],
            "certificate": self.certificate,
        }

    def to_frame(self) -> pl.DataFrame:
        """Return one row for each rated risk; no row without attacks.

        Returns
        -------
        DataFrame
            `kind`, `risk` and `level` in English; `value`, `low` and `high`: the risk and its 95% interval, null where
            there was nothing to attack. `quality.to_frame` has the errors of the counts.

        Examples
        --------
        >>> rows = Snapshot.from_frame(pl.DataFrame({"sex": ["female", "male"] * 50}))
        >>> evaluate(rows, rows, order=1, private=False).to_frame().height
        0
        """
        return tabulate_risks(self.verdicts)

    def plot(self, lang: str = "en") -> SvgChart:
        """Return the chart of the risks with their 95% intervals.

        `quality.plot` draws the errors of the counts.

        Parameters
        ----------
        lang : str
            Language of the words: kk, ru or en.

        Returns
        -------
        SvgChart
            A complete SVG file as text; `Path("chart.svg").write_text(chart)` saves it.

        Raises
        ------
        BadInput
            If there is no such language.

        Examples
        --------
        >>> rows = Snapshot.from_frame(pl.DataFrame({"sex": ["female", "male"] * 50}))
        >>> evaluate(rows, rows, order=1, private=False).plot()[:4]
        '<svg'
        """
        ratings = rate_risks(self.privacy, epsilon_of(self.certificate), words(lang)) if self.privacy else []
        return draw_risks(ratings, lang)


def _describe_file(snapshot: Snapshot) -> dict[str, Any]:
    """Return file name and number of rows, without the hash.

    With the hash, a recipient of the page could check a guess of all real rows.
    """
    return {"file": Path(snapshot.path).name, "rows": snapshot.frame.height}


def evaluate(
    original: Snapshot,
    synthetic: Snapshot,
    *,
    order: int | None = None,
    seed: int = 1,
    control: Snapshot | None = None,
    refit: Refitting | None = None,
    private: bool = True,
) -> Evaluation:
    """Compare combinations, models, subgroups and years and, if `private`, attack the synthetic records.

    Parameters
    ----------
    original, synthetic : Snapshot
        Rows of people, and the synthetic records. A certificate beside the synthetic file is read if there is one.
    order : int, optional
        Length of the longest compared combinations; by default 4, or 3 if there are too many combinations of 4.
    seed : int
        Seed of the attacks, and of the rows on which models are trained and tested.
    control : Snapshot, optional
        Rows of other people of the same kind: the baseline of the attacks and comparisons.
    refit : function, optional
        Used without a control: regenerates records from four fifths of the rows by the certificate.
    private : bool
        Whether to run the attacks.

    Returns
    -------
    Evaluation
        `quality` by combination length, `comparison`, `privacy` or the reason in `unmeasured`, and `verdicts`.

    Raises
    ------
    BadInput
        If the columns differ, a file has no rows, or the certificate cannot be read.

    Examples
    --------
    >>> rows = Snapshot.from_frame(pl.DataFrame({"sex": ["female", "male"] * 50, "form": ["labour", "sexual"] * 50}))
    >>> evaluation = evaluate(rows, rows, order=2, private=False)
    >>> [(length.length, length.errors.mean) for length in evaluation.quality.lengths], evaluation.unmeasured
    ([(1, 0.0), (2, 0.0)], 'not asked for')
    """
    check_order(order)
    claimed = certificate(Path(synthetic.path)) if synthetic.path else None  # a data frame has no file beside it
    original = _select_cohort_rows(code_alike(original, claimed), claimed)
    control = control and _select_cohort_rows(code_alike(control, claimed), claimed)
    names = compared_columns(original, synthetic, control, chosen=claimed is not None)
    rows, records = original.frame.select(names), synthetic.frame.select(names)
    length, uncounted = (order, "") if order is not None else _choose_order(rows)
    quality = utility(original, synthetic, length, names)
    marginals = count_both(*read(original, synthetic, length, names), length)
    holdout, reason = _find_holdout(rows, records, control=control, claimed=claimed, refit=refit, seed=seed)
    privacy = _attack(holdout, seed) if holdout and private else None
    return Evaluation(
        original=original,
        synthetic=synthetic,
        order=length,
        seed=seed,
        quality=quality,
        spread={by_length.length: spread(*marginals, by_length.length) for by_length in quality.lengths},
        privacy=privacy,
        verdicts=rate_risks(privacy, epsilon_of(claimed)) if privacy else [],
        certificate=claimed,
        comparison=compare(rows, records, length, seed, holdout=holdout, reason=reason),
        unmeasured=reason if private else "not asked for",
        uncounted=uncounted,
    )


def _choose_order(rows: pl.DataFrame) -> tuple[int, str]:
    """Return the length of the longest combinations to compare, and why it is below FULL_ORDER."""
    reported = rows.select(pl.sum_horizontal(_count_values(rows))).to_series()
    combinations = sum(comb(int(values), FULL_ORDER) * int(people) for values, people in reported.value_counts().rows())
    return (FULL_ORDER, "") if combinations <= MOST_COMBINATIONS else (FULL_ORDER - 1, TOO_MANY)


def _count_values(rows: pl.DataFrame) -> list[pl.Expr]:
    """Return expressions of the number of values that each record reports, by column."""
    lists = [name for name, kind in rows.schema.items() if isinstance(kind, pl.List)]
    return [
        pl.col(name).list.len().fill_null(0) if name in lists else pl.col(name).is_not_null().cast(pl.UInt32)
        for name in rows.columns
    ]


def list_coded_columns(claimed: Certificate | None) -> list[str]:
    """Return the columns of numbers and dates whose values a certificate divides into bins."""
    return [column.name for column in _coded_columns(claimed)]


def _coded_columns(claimed: Certificate | None) -> Schema:
    """Return the columns of numbers and dates of a certificate, with their bins."""
    try:
        public = parse_schema((claimed or {}).get("schema") or {})
    except BadInput:  # a k-anonymous file has no schema
        return ()
    return tuple(column for column in public if column.coding)


def code_alike(snapshot: Snapshot, claimed: Certificate | None) -> Snapshot:
    """Return real rows with the numbers and dates of a certificate divided as in the synthetic records."""
    coded = tuple(column for column in _coded_columns(claimed) if column.name in snapshot.columns)
    clean, _ = keep_listed_values(snapshot.frame, coded)
    return replace(snapshot, frame=snapshot.frame.with_columns(clean)) if coded else snapshot


def _select_cohort_rows(snapshot: Snapshot, claimed: Certificate | None) -> Snapshot:
    """Return the rows of the cohorts in the synthetic file.

    Later cohorts were not closed when it was made.
    """
    cohorts, parameters = (claimed or {}).get("cohorts"), (claimed or {}).get("request")
    cohort_column = parameters.get("cohorts") if isinstance(parameters, dict) else None
    if not isinstance(cohorts, list) or cohort_column not in {*snapshot.columns} - snapshot.multi:
        return snapshot
    values = {item.get("value") for item in cohorts if isinstance(item, dict)}
    is_in_cohorts = (
        pl.col(cohort_column).fill_null(NOT_REPORTED).is_in([item for item in values if isinstance(item, str)])
    )
    return replace(snapshot, frame=snapshot.frame.filter(is_in_cohorts))


def _find_holdout(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    control: Snapshot | None,
    claimed: Certificate | None,
    refit: Refitting | None,
    seed: int,
) -> tuple[Holdout | None, str]:
    """Return other real people with the records that they are compared with, or None and the reason why."""
    if control is not None:
        return Holdout(rows, control.frame.select(rows.columns), records), ""
    if claimed is not None and refit is None:
        return None, NOT_HELD
    if claimed is None or refit is None:
        return None, "there is neither --control nor a certificate beside the file by which to make it anew"
    try:
        return hold_back(rows, lambda rest: refit(rest, claimed, seed), seed), ""
    except NotAnew as error:
        return None, error.why


def _attack(holdout: Holdout, seed: int) -> Privacy:
    return attack(holdout.rows, holdout.records, holdout.others, seed, refitted=holdout.refitted)


def check_order(order: int | None) -> None:
    """Raise BadInput for an order below 1."""
    if order is not None and order < 1:
        raise BadInput(Fault(f"there are no combinations of {order} values", "give --order 1, 2, 3 or more"))


def compared_columns(original: Snapshot, synthetic: Snapshot, control: Snapshot | None, *, chosen: bool) -> list[str]:
    """Return the columns to compare: all of the original, or with `chosen` those of the synthetic file.

    Raise BadInput if the columns of the files differ, if a file has no rows, or if the control is the original.
    """
    names = [name for name in original.columns if name in synthetic.columns or not chosen]
    files = (original, synthetic, *([control] if control else []))
    faults = [
        Fault("holds no rows", "give a file with at least one row", snapshot.path)
        for snapshot in files
        if snapshot.frame.is_empty()
    ]
    faults += _report_columns(synthetic, "lacks", [name for name in names if name not in synthetic.columns])
    extra = [name for name in synthetic.columns if name not in original.columns]
    faults += _report_columns(synthetic, "has beyond the original's columns", extra)
    if control:
        faults += _report_columns(control, "lacks", [name for name in names if name not in control.columns])
        if control.sha256 == original.sha256:
            faults.append(
                Fault(
                    "is the original file itself", "give rows that the synthetic ones were not made from", control.path
                )
            )
    if not names and not faults:
        faults = [Fault("has none of the original's columns", "give files with the same columns", synthetic.path)]
    if faults:
        raise BadInput(faults)
    return names


def _report_columns(snapshot: Snapshot, what: str, names: list[str]) -> list[Fault]:
    return [Fault(f"{what} {listed(names)}", "give files with the same columns", snapshot.path)] if names else []


def certificate(synthetic: Path) -> Certificate | None:
    """Return the certificate beside a synthetic file, or None. Raise BadInput if it is not a JSON object.

    The command line writes one certificate per file; a release has one for the CSV and the Parquet of the same name.
    """
    candidates = (synthetic.with_name(synthetic.name + SUFFIX), synthetic.with_name(synthetic.stem + SUFFIX))
    path = next((candidate for candidate in candidates if candidate.exists()), None)
    if path is None:
        return None
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        tree = None
    if not isinstance(tree, dict):
        fault = Fault("is not a certificate", "put the certificate there that was written with the file", str(path))
        raise BadInput(fault)
    return tree


def guarantee(claimed: Certificate | None) -> dict[str, Any]:
    """Return the guarantee of a certificate; {} without one."""
    claim = (claimed or {}).get("guarantee")
    return claim if isinstance(claim, dict) else {}


def epsilon_of(claimed: Certificate | None) -> float | None:
    """Return the epsilon of a certificate, or None."""
    epsilon = guarantee(claimed).get("epsilon")
    return float(epsilon) if isinstance(epsilon, (int, float)) else None
