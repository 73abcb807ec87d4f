"""A certificate is consistent: each number follows from the others or from the files."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import opendp.prelude as dp
import polars as pl
import pytest

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, pipeline, synthesize
from kerege.evidence.synthesis.cohorts import cohort_releases
from kerege.evidence.synthesis.cohorts.budget_series import Cohorts
from kerege.evidence.synthesis.generation.repeated_fit import fit_and_repeat
from kerege.evidence.synthesis.k_anonymity import single_use
from kerege.evidence.synthesis.measurement.public_schema import Column
from tests.evidence.certificates import epsilon_of, gaussian_epsilon, problems
from tests.evidence.synthesis.cohorts.release_series import here

Fields = dict[str, Any]
LISTED = (
    Column("sex", ("f", "m")),
    Column("form", tuple("abcd")),
    Column("means", tuple("uvw"), True),
    Column("year", ("2023", "2024", "2025")),
)
# what the noise decided, or is rounded so far that a third more rounds to the same
FREE = {"seed", "people", "standing_out", "values_in_records", "distance", "share"}
FREE |= {"aim", "left_out", "allowed", "1000", "5000"}
FREE |= {"accuracy"}  # the noise of the repetition cannot be drawn again without the noisy counts
CANDIDATES = {("steps", number, "cells") for number in (2, 3, 6, 7)}  # of two and three values: which stood out
FOUND = {"found in cohorts": {("steps", 1, "cells")}}  # each cohort keeps other values, and only all are listed
KINDS = ("listed", "unlisted", "cohorts", "revised", "found in cohorts", "k_anonymous")


def people(count: int, seed: int, changed: str = "") -> pl.DataFrame:
    """Return people of three years; in the years `changed` the last half of them is different."""
    chance = np.random.default_rng(seed)
    years_ = [("2023", "2024", "2025")[n % 3] for n in range(count)]
    form = [
        "a" if year == changed and n > count // 2 else "abcd"[drawn]
        for n, (year, drawn) in enumerate(zip(years_, chance.integers(4, size=count), strict=True))
    ]
    return pl.DataFrame(
        {
            "sex": ["fm"[n % 2] for n in range(count)],
            "form": form,
            "year": years_,
            "means": [["u", "v"][: 1 + n % 2] if n % 5 else None for n in range(count)],
        },
        schema={"sex": pl.String, "form": pl.String, "year": pl.String, "means": pl.List(pl.String)},
    )


def snapshot(frame: pl.DataFrame) -> Snapshot:
    return Snapshot(frame, "victims", "2025-12-31", True, f"{frame.hash_rows().sum():064x}", frozenset({"means"}), "")


@pytest.fixture(scope="module", name="certificates")
def made_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Fields, Path]]]:
    """Return one certificate of each kind, with secure noise; the records are made in this process."""
    patch = pytest.MonkeyPatch()
    patch.setattr(pipeline, "fit_in_process", fit_and_repeat)
    patch.setattr(cohort_releases, "fit_together", here)
    folder, certificates_by_kind = tmp_path_factory.mktemp("certificates"), {}
    rows, changed = people(900, 1), people(900, 1, "2024")
    few = tuple(column for column in LISTED if column.name != "form")
    ledger = Ledger(folder / "series")
    for kind in KINDS:
        out = folder / kind
        if kind == "k_anonymous":
            single_use.produce(snapshot(rows), ("sex", "means", "form"), 10, 3, 7, Ledger(folder / "once"), out)
        elif kind in ("cohorts", "revised"):
            request = Request(epsilon=4.0, preset="careful")
            source = snapshot(rows if kind == "cohorts" else changed)
            asked = Cohorts("year", revise=() if kind == "cohorts" else ("2024",))
            cohort_releases.produce(source, request, asked, ledger, out, listed=LISTED)
        elif kind == "found in cohorts":
            asked = Cohorts("year", "2023")
            source, apart = snapshot(rows.rename({"form": "city"})), Ledger(folder / kind / "ledger")
            cohort_releases.produce(source, Request(epsilon=4.0), asked, apart, out, listed=few)
        else:
            listed = LISTED if kind == "listed" else few
            # a column that no code list knows
            frame = rows if kind == "listed" else rows.rename({"form": "city"})
            synthesize(
                snapshot(frame), Request(epsilon=2.0, delta=1e-7), Ledger(folder / kind / "ledger"), out, listed=listed
            )
        certificates_by_kind[kind] = (json.loads((out / "records.certificate.json").read_text(encoding="utf-8")), out)
    yield certificates_by_kind
    patch.undo()


@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_of_each_kind_is_consistent(certificates: dict[str, tuple[Fields, Path]], kind: str) -> None:
    certificate, folder = certificates[kind]
    assert list(problems(certificate, folder)) == []
    if kind == "revised":
        assert {cohort["value"]: cohort["revision"] for cohort in certificate["cohorts"]} == {
            "2023": 0,
            "2024": 1,
            "2025": 0,
            "_U": 0,
        }
    if kind == "unlisted":
        assert certificate["unlisted"]["columns"] == 1


def leaves(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all numbers."""
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, value in children:
        if name in FREE:
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield (*path, name)
        yield from leaves(value, (*path, name))


@pytest.mark.parametrize("kind", KINDS)
def test_every_changed_number_is_detected(certificates: dict[str, tuple[Fields, Path]], kind: str) -> None:
    """The checker is tested too: of a list of like entries, it must detect a changed number of the first."""
    certificate, folder = certificates[kind]
    first = {
        tuple(name for name in path if isinstance(name, str)): path for path in reversed(list(leaves(certificate)))
    }
    unseen = undetected(certificate, folder, kind, first.values())
    assert not unseen, " ".join(unseen)


def undetected(certificate: Fields, folder: Path, kind: str, paths: Iterable[tuple[Any, ...]]) -> list[str]:
    """Return the paths of the numbers that can be made a third larger."""
    unseen = []
    for path in paths:
        changed = copy.deepcopy(certificate)
        *above, last = path
        inside = changed
        for name in above:
            inside = inside[name]
        value = inside[last]
        inside[last] = value * 4 // 3 + 1 if isinstance(value, int) else value * 1.34 + 1e-12
        if path[-3:] not in CANDIDATES | FOUND.get(kind, set()) and not _is_detected(changed, folder):
            unseen.append(".".join(map(str, path)))
    return unseen


def _is_detected(certificate: Fields, folder: Path) -> bool:
    try:
        return bool(list(problems(certificate, folder)))
    except (LookupError, StopIteration, RuntimeError, ValueError):  # a length that there is not
        return True


@pytest.mark.parametrize("rho", [1e-4, 0.01, 0.17, 1.0, 9.0])
@pytest.mark.parametrize("delta", [1e-12, 1e-9, 1e-4])
def test_the_conversion_of_the_checker_equals_that_of_opendp_and_is_never_too_small(rho: float, delta: float) -> None:
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    profile = dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*space, scale=100.0)).map(100.0 * (2 * rho) ** 0.5)
    assert epsilon_of(rho, delta) == pytest.approx(profile.epsilon(delta), rel=1e-3)
    assert epsilon_of(rho, delta) >= gaussian_epsilon(rho, delta)
