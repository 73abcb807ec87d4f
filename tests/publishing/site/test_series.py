"""Views of indicators: the newest standing release counts, definitions are joined only when equal."""

from __future__ import annotations

import itertools
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kerege.evidence.release.manifest import Manifest
from kerege.publishing.site.indicators import SiteIndicator
from kerege.publishing.site.series import DefinitionsDiffer, View, build_view
from kerege.publishing.site.standing import FaultyRelease, newest_first
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from tests.publishing import made

YEARLY = SiteIndicator.model_validate(
    {
        "id": "helped",
        "theme": "help",
        "kind": "counted",
        "noun": "people",
        "know": ["once", "fewer"],
        "chart": "columns",
        "axis": ["year"],
        "series": [{"code": "iom", "table": "t"}],
    }
)
BY_SEX = YEARLY.model_copy(update={"axis": ["sex"], "whole": True, "chart": "bars"})


def release(name: str, as_of: str, tables: dict[str, dict[str, Any]], created: str = "") -> ReleaseFiles:
    """Return a release in memory; a table has `cells`, and may have other keys of a manifest entry."""
    entries = [
        made.table_entry(
            **{"name": table, "by": ["year"]} | {key: value for key, value in given.items() if key != "cells"}
        )
        for table, given in tables.items()
    ]
    manifest = Manifest.model_validate(
        {
            "format": "kerege-release/1",
            "title": dict.fromkeys(("kk", "ru", "en"), name),
            "period": as_of[:4],
            "created": created or f"{as_of}T00:00:00Z",
            "invented": True,
            "code_version": "0",
            "snapshots": [{"unit": "victims", "as_of": as_of}],
            "policy": {"threshold": 10},
            "privacy": {"rho": 0, "delta": 0},
            "attack": None,
            "approvals": [],
            "tables": [entry.tree for entry in entries],
        }
    )
    files = ReleaseFiles(Path(name), manifest, name)
    files.__dict__["tables"] = {
        entry.name: PublishedTable(
            entry.name, tuple(entry.by), entry, made.to_csv(list(entry.by), tables[entry.name]["cells"]), name
        )
        for entry in entries
    }
    files.__dict__["estimates"] = {}
    return files


def yearly(name: str, as_of: str, cells: dict[str, made.Cell], **more: Any) -> ReleaseFiles:
    """Return a release with one table by year."""
    created = more.pop("created", "")
    return release(name, as_of, {"t": {"cells": {(year,): cell for year, cell in cells.items()}} | more}, created)


def counts(view: View) -> dict[str, float | None]:
    """Return the counts of the series `iom` by period."""
    return {period: view.value("iom", period).count for period in view.periods}


def test_the_newest_standing_release_decides_each_cell_against_every_small_world() -> None:
    states: tuple[made.Cell | str, ...] = ("lacks", None, 20, 30)
    worlds = list(itertools.product(states, repeat=6))
    for world in random.Random(20).sample(worlds, 400):
        tables = [dict(zip(("2024", "2025"), world[place : place + 2], strict=True)) for place in (0, 2, 4)]
        kept = [{year: cell for year, cell in table.items() if not isinstance(cell, str)} for table in tables]
        releases = [yearly(f"r{n}", f"202{n}-12-31", cells) for n, cells in enumerate(kept, start=5)]
        view = build_view(YEARLY, newest_first(releases))
        lost = ({year for table in kept for year in table}) - kept[-1].keys()
        assert counts(view) == kept[-1] | (dict.fromkeys(lost) if kept[-1] else {})
        assert {view.value("iom", year).status for year in lost} <= {"absent"}
        for (_, year), cell in view.values.items():
            assert cell.release == "r7"
            assert cell.first_release == next(f"r{n}" for n, table in enumerate(kept, start=5) if year in table)
            exact = [table[year] for table in kept[:-1] if isinstance(table.get(year), int)]
            changed = [number for number in exact if number != kept[-1][year]]
            is_known = isinstance(kept[-1][year], int)
            assert cell.revised_from == (changed[-1] if changed and is_known else None)
        assert {year for notice in view.notices for year in notice.periods} == lost


def test_a_number_withheld_in_the_newest_release_hides_the_older_one() -> None:
    old, new = yearly("a", "2024-12-31", {"2024": 9}), yearly("b", "2025-12-31", {"2024": None, "2025": 20})
    cell = build_view(YEARLY, [new, old]).values["iom", "2024"]
    assert (cell.value.status, cell.value.count, cell.revised_from) == ("withheld", None, None)


def test_a_correction_of_an_old_release_is_not_newer_than_the_newest_release() -> None:
    old = yearly("a-corrected", "2024-12-31", {"2024": 8}, created="2027-01-01T00:00:00Z")
    new = yearly("b", "2025-12-31", {"2024": 9, "2025": 20})
    assert counts(build_view(YEARLY, newest_first([old, new]))) == {"2024": 9, "2025": 20}


def test_a_corrected_release_gives_only_the_number_before_the_revision() -> None:
    wrong = yearly("a", "2025-12-31", {"2024": 19, "2025": 20}, created="2026-01-01T00:00:00Z")
    right = yearly("b", "2025-12-31", {"2025": 25}, created="2026-02-01T00:00:00Z")
    view = build_view(YEARLY, [right], corrected=[wrong])
    assert counts(view) == {"2025": 25}
    assert view.values["iom", "2025"].revised_from == 20


def test_a_part_of_a_year_is_no_number_that_was_revised() -> None:
    half, whole = yearly("a", "2025-06-30", {"2025": 20}), yearly("b", "2025-12-31", {"2025": 45})
    assert build_view(YEARLY, [whole, half]).values["iom", "2025"].revised_from is None


@pytest.mark.parametrize(
    "other",
    [{"where": {"programme": "state"}}, {"of": "services"}, {"multi": ["year"]}],
    ids=["filter", "unit", "multi-valued"],
)
def test_tables_that_count_different_things_are_never_joined(other: dict[str, Any]) -> None:
    old, new = yearly("a", "2024-12-31", {"2020": 5, "2024": 9}, **other), yearly("b", "2025-12-31", {"2024": 30})
    with pytest.raises(DefinitionsDiffer, match="b and a define the table t differently"):
        build_view(YEARLY, [new, old])
    broken = SiteIndicator.model_validate(YEARLY.tree | {"breaks": [{"after": "2020", "why": "payer"}]})
    view = build_view(broken, [new, old])
    assert counts(view) == {"2020": 5, "2024": 30}
    assert view.values["iom", "2020"].release == "a"
    assert [notice.kind for notice in view.notices] == ["redefined"]


def test_a_release_that_fails_verification_hides_the_older_numbers_of_its_tables() -> None:
    old = yearly("a", "2024-12-31", {"2024": 9})
    view = build_view(YEARLY, [old], faulty=[FaultyRelease("b", "2025", frozenset({"t"}))])
    assert not view.values
    assert [(notice.kind, notice.release) for notice in view.notices] == [("faulty", "b")]
    for harmless in (FaultyRelease("b", "2025", frozenset({"other"})), FaultyRelease("b", "2023", frozenset({"t"}))):
        assert counts(build_view(YEARLY, [old], faulty=[harmless])) == {"2024": 9}
    assert not build_view(YEARLY, [old], faulty=[FaultyRelease("b", "", None)]).values


def test_a_table_without_periods_shows_the_newest_state_and_lists_earlier_ones_as_vintages() -> None:
    def state(name: str, as_of: str, men: int, **more: Any) -> ReleaseFiles:
        cells = made.one({"male": men, "female": 40}, men + 40)
        return release(name, as_of, {"t": {"by": ["sex"], "cells": cells} | more})

    view = build_view(BY_SEX, [state("b", "2025-12-31", 60), state("a", "2024-12-31", 50, where={"year": "2024"})])
    assert {period: view.value("iom", period).count for period in view.periods} == {"male": 60, "female": 40, "_T": 100}
    assert view.periods == ("male", "female", "_T")
    (vintage,) = view.vintages
    assert (vintage.release, vintage.as_of, vintage.same_definition) == ("a", date(2024, 12, 31), False)
    assert vintage.values["iom", "male"].count == 50
    assert all(cell.revised_from is None and cell.first_release == "b" for cell in view.values.values())


def test_limits_hold_the_true_number_of_every_cell() -> None:
    cells = made.one({"male": (60, "perturbed"), "female": None, "_U": None}, 95)
    table = {"t": {"by": ["sex"], "cells": cells, "params": {"half_width": 5}}}
    view = build_view(BY_SEX, [release("a", "2025-12-31", table)])
    male, female, total = (view.value("iom", code) for code in ("male", "female", "_T"))
    assert (male.status, male.lower, male.upper) == ("rounded", 55, 65)
    assert (female.status, female.lower, female.upper) == ("withheld", 0, 40)
    assert (total.status, total.lower, total.upper) == ("exact", 95, 95)


def test_series_of_one_table_are_its_codes_and_zero_can_say_that_nobody_counted() -> None:
    split = SiteIndicator.model_validate(YEARLY.tree | {"split": "source", "zero_is_absent": True})
    cells = made.two({"2024": {"mia": 149, "pgo": 0}, "2025": {"mia": 164, "pgo": 298}})
    view = build_view(split, [release("a", "2025-12-31", {"t": {"by": ["year", "source"], "cells": cells}})])
    assert view.series == ("mia", "pgo")
    assert view.value("pgo", "2024").status == "absent"
    assert view.value("mia", "2025").count == 164
