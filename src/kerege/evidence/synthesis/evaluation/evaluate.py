"""Synthetic records judged: how far they tell what the original ones do, and what they tell of single people."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed
from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.synthesis.evaluation.attacks import Privacy, attack, attack_refitted
from kerege.evidence.synthesis.evaluation.count_spread import Step, spread
from kerege.evidence.synthesis.evaluation.refit import NotAnew
from kerege.evidence.synthesis.evaluation.risk_ratings import Verdict, verdicts
from kerege.evidence.synthesis.evaluation.utility import Quality, counted, read, utility

Certificate = dict[str, Any]
Refitting = Callable[[pl.DataFrame, Certificate, int], pl.DataFrame]
SUFFIX = ".certificate.json"


@dataclass(frozen=True)
class Evaluation:
    """Everything that was found. `spread` by length; `privacy` is None where `unmeasured` says why."""

    original: Snapshot
    synthetic: Snapshot
    order: int
    seed: int
    quality: Quality
    spread: dict[int, list[Step]]
    privacy: Privacy | None
    verdicts: list[Verdict]
    certificate: Certificate | None
    unmeasured: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "original": _file(self.original),
            "order": self.order,
            "synthetic": _file(self.synthetic) | {"sha256": self.synthetic.sha256},
            "seed": self.seed,
            "quality": self.quality.as_dict(),
            "privacy": self.privacy and self.privacy.as_dict(),
            "unmeasured": self.unmeasured,
            "verdicts": [verdict.as_dict() for verdict in self.verdicts],
            "certificate": self.certificate,
        }


def _file(snapshot: Snapshot) -> dict[str, Any]:
    """Without the hash, by which a guess of all real rows could be tried out on a page that was handed on."""
    return {"file": Path(snapshot.path).name, "rows": snapshot.frame.height}


def evaluate(
    original: Snapshot,
    synthetic: Snapshot,
    *,
    order: int = 3,
    seed: int = 1,
    control: Snapshot | None = None,
    refit: Refitting | None = None,
    private: bool = True,
) -> Evaluation:
    """Compare combinations of up to `order` values of synthetic and original records and, if `private`, attack them.

    Parameters
    ----------
    original, synthetic : Snapshot
        Rows of people, and the synthetic records; beside a file of these a certificate is read where there is one.
    order : int
        Longest combinations that are compared.
    seed : int
        Of the attacks.
    control : Snapshot, optional
        Other people of the same kind, with whom the attacks are compared.
    refit : function, optional
        Without a control: makes records anew from four fifths of the rows by what the certificate says.
    private : bool
        Whether to attack.

    Returns
    -------
    Evaluation
        `quality` by length of combinations, `privacy` or the reason in `unmeasured`, `verdicts`.

    Raises
    ------
    BadInput
        For columns that differ, no rows, an unreadable certificate.

    Examples
    --------
    >>> rows = Snapshot.from_frame(pl.DataFrame({"sex": ["female", "male"] * 50, "form": ["labour", "sexual"] * 50}))
    >>> found = evaluate(rows, rows, order=2, private=False)
    >>> [(length.length, length.errors.mean) for length in found.quality.lengths], found.unmeasured
    ([(1, 0.0), (2, 0.0)], 'not asked for')
    """
    check_order(order)
    claimed = certificate(Path(synthetic.path)) if synthetic.path else None  # a data frame has no file beside it
    original, control = _told_of(original, claimed), control and _told_of(control, claimed)
    names = compared(original, synthetic, control, chosen=claimed is not None)
    quality = utility(original, synthetic, order, names)
    both = counted(*read(original, synthetic, order, names), order)
    steps = {length.length: spread(*both, length.length) for length in quality.lengths}
    found, why = None, "not asked for"
    if private:
        rows = original.frame.select(names)
        found, why = _attacked(rows, synthetic.frame, control.frame if control else None, claimed, refit, seed)
    told = verdicts(found, epsilon_of(claimed)) if found else []
    return Evaluation(original, synthetic, order, seed, quality, steps, found, told, claimed, why)


def _told_of(snapshot: Snapshot, claimed: Certificate | None) -> Snapshot:
    """The rows of the cohorts of which a file tells; later ones were not over when it was made."""
    cohorts, asked = (claimed or {}).get("cohorts"), (claimed or {}).get("request")
    by = asked.get("cohorts") if isinstance(asked, dict) else None
    if not isinstance(cohorts, list) or by not in {*snapshot.columns} - snapshot.multi:
        return snapshot
    values = {each.get("value") for each in cohorts if isinstance(each, dict)}
    told = pl.col(by).fill_null(NOT_REPORTED).is_in([each for each in values if isinstance(each, str)])
    return replace(snapshot, frame=snapshot.frame.filter(told))


def _attacked(
    rows: pl.DataFrame,
    synthetic: pl.DataFrame,
    control: pl.DataFrame | None,
    claimed: Certificate | None,
    refit: Refitting | None,
    seed: int,
) -> tuple[Privacy | None, str]:
    """What the attacks found, or why there were none."""
    if control is not None:
        return attack(rows, synthetic, control, seed), ""
    if claimed is None or refit is None:
        return None, "there is neither --control nor a certificate beside the file by which to make it anew"
    try:
        return attack_refitted(rows, lambda rest: refit(rest, claimed, seed), seed), ""
    except NotAnew as error:
        return None, error.why


def check_order(order: int) -> None:
    """Raise BadInput for an order below 1."""
    if order < 1:
        raise BadInput(Fault(f"there are no combinations of {order} values", "give --order 1, 2, 3 or more"))


def compared(original: Snapshot, synthetic: Snapshot, control: Snapshot | None, *, chosen: bool) -> list[str]:
    """The columns to compare: those of the original, or those `chosen` of them when the synthetic file was made.

    Raises BadInput when the files have other columns, no rows, or when the control is the original.
    """
    names = [name for name in original.columns if name in synthetic.columns or not chosen]
    files = (original, synthetic, *([control] if control else []))
    faults = [
        Fault("holds no rows", "give a file with at least one row", each.path)
        for each in files
        if each.frame.is_empty()
    ]
    faults += _differ(synthetic, "lacks", [name for name in names if name not in synthetic.columns])
    beyond = [name for name in synthetic.columns if name not in original.columns]
    faults += _differ(synthetic, "has beyond the original's columns", beyond)
    if control:
        faults += _differ(control, "lacks", [name for name in names if name not in control.columns])
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


def _differ(snapshot: Snapshot, what: str, names: list[str]) -> list[Fault]:
    return [Fault(f"{what} {listed(names)}", "give files with the same columns", snapshot.path)] if names else []


def certificate(synthetic: Path) -> Certificate | None:
    """The certificate beside a synthetic file, None when there is none; raises BadInput for one that is no JSON.

    The command writes one a file, a release one for the CSV and the Parquet of the same name.
    """
    beside = (synthetic.with_name(synthetic.name + SUFFIX), synthetic.with_name(synthetic.stem + SUFFIX))
    path = next((each for each in beside if each.exists()), None)
    if path is None:
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        fault = Fault("is no certificate", "put the one there that was written with the file", str(path))
        raise BadInput(fault)
    return found


def guarantee(claimed: Certificate | None) -> dict[str, Any]:
    """What a certificate claims; nothing when there is none."""
    found = (claimed or {}).get("guarantee")
    return found if isinstance(found, dict) else {}


def epsilon_of(claimed: Certificate | None) -> float | None:
    """The epsilon that a certificate claims."""
    epsilon = guarantee(claimed).get("epsilon")
    return float(epsilon) if isinstance(epsilon, (int, float)) else None
