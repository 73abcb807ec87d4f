"""What the report says of a disclosure is true: the numbers it names suffice, and what it advises stops it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence import outsider
from tests.evidence.sdc.test_attack_oracle import SCHEMES, THRESHOLD, folders

Cells = set[tuple[str, str, tuple[tuple[str, str], ...]]]


def without(sheets: list[outsider.Sheet], wanted: Cells, *, keep: bool) -> list[outsider.Sheet]:
    """Tables in which only the wanted figures are published, or all but those."""
    found = []
    for sheet in sheets:
        cells = {}
        for key, cell in sheet.cells.items():
            shown = (outsider.place(sheet, key) in wanted) == keep
            cells[key] = cell if shown or cell[1] is None else (0, None, "suppressed")
        found.append(replace(sheet, cells=cells))
    return found


def named(cells: list[dict[str, Any]]) -> Cells:
    return {(each["release"], each["table"], tuple(sorted(each["cell"].items()))) for each in cells}


def ends(sheets: list[outsider.Sheet], each: dict[str, Any]) -> list[outsider.Ends]:
    """What an outsider makes of the figure that a disclosure is about, population by population."""
    _, people = outsider.examine(sheets)
    found = []
    for one in people.values():
        for sheet in one.sheets:
            if (sheet.release, sheet.name) != (each["release"], each["table"]):
                continue
            if each["kind"] == "difference":
                found.append(one.apart(each["cell"]))
            else:
                cell = tuple(each["cell"].get(column, "_T") for column in sheet.by)
                found.append(one.interval(sheet, cell))
    return found


def explained(seed: int, scheme: str, mode: str) -> None:
    rng = Random(f"{seed} {scheme} {mode} explained")
    with TemporaryDirectory() as root:
        *prior, new = paths = folders(rng, Path(root), scheme, mode)
        sheets = [sheet for path in paths for sheet in outsider.load(path)]
        report = examine(new, prior, THRESHOLD).tree
        for each in report["disclosures"][:6]:
            if each["kind"] in ("interval", "difference"):
                kept = without(sheets, named(each["from"]), keep=True)
                assert (each["lower"], each["upper"]) in ends(kept, each)
            for advice in each["advice"]:
                if advice["action"] == "hide" and each["kind"] != "revision":
                    cells = [
                        {"release": new.name, "table": a["table"], "cell": cell}
                        for a in each["advice"]
                        for cell in a["cells"]
                    ]
                    after = ends(without(sheets, named(cells), keep=False), each)
                    assert all(low >= THRESHOLD or high - low >= THRESHOLD for low, high in after), each


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), scheme=st.sampled_from(sorted(SCHEMES)), mode=st.sampled_from(["one", "same"]))
@example(seed=2240, scheme="forms", mode="same")  # where zeros are numbers, the differences are others
def test_the_numbers_named_suffice_and_the_advice_helps(seed: int, scheme: str, mode: str) -> None:
    explained(seed, scheme, mode)
