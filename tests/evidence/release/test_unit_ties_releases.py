"""Releases of victims beside their services: leaks that only both together have, and safe twins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.person_numbers import PERSON_NUMBERS
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release import build
from kerege.evidence.release.manifest import as_bytes
from kerege.evidence.release.spec import ReleaseSpec, parse
from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.ties import tied_tables
from kerege.evidence.sdc.disclosure.assessment import feasible_intervals
from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.disclosure.population_attack import PopulationAssessment
from kerege.evidence.sdc.groups import decisions
from kerege.evidence.sdc.populations.observed_tie import observed_ties
from kerege.evidence.sdc.populations.populations import find_populations
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.published_tables.stated_manifest import StatedManifest
from kerege.evidence.sdc.suppression import linked_tables
from tests.evidence.made_folders import table, write

Tie = dict[str, str | bool | list[str] | dict[str, str]]
Row = dict[str, str | list[str] | list[int]]
SAME = ("region", "sex", "age_group", "citizenship")
STATED: Tie = {
    "rows": "services",
    "people": "victims",
    "same": ["region"],
    "values": {"service": "service_kinds"},
    "every_row_counted": True,
    "one_row_per_value": True,
}


def folder(root: Path, people: dict[str, str], rows: dict[str, str], ties: Iterable[Tie]) -> Path:
    """Write a release of victims and services by region, of those with interpretation."""
    lines = [
        [["region", "count", "status"], *[[code, n, "ok" if n else "suppressed"] for code, n in cells.items()]]
        for cells in (people, rows)
    ]
    tables = [
        table("people", lines[0], where={"service_kinds": ["interpretation"]}, multi=["service_kinds"]),
        table("rows", lines[1], of="services", where={"service": ["interpretation"]}),
    ]
    return write(root, tables, as_of="2025-12-31", ties=list(ties))


def safe(path: Path) -> bool:
    report = examine(path)
    assert not report.undecided
    return report.safe


@pytest.mark.parametrize(("rule", "is_safe"), [(True, False), (False, True)])
def test_one_service_for_each_person_and_kind_gives_the_hidden_people(
    tmp_path: Path, rule: bool, is_safe: bool
) -> None:
    """36 of 40 services are in region 75: one for each person leaves 4 people elsewhere."""
    people = {"_T": "40", "19": "", "75": ""}
    rows = {"_T": "40", "19": "", "75": "36"} if rule else {"_T": "50", "19": "", "75": "36"}
    path = folder(tmp_path / "a", people, rows, [STATED | {"one_row_per_value": rule}])
    assert safe(path) is is_safe
    if rule:
        assert feasible_intervals(Publication.read(path))["people"]["19",] == (4, 4)


@pytest.mark.parametrize(("number", "is_safe"), [("9", False), ("10", True)])
def test_people_are_no_more_than_their_services(tmp_path: Path, number: str, is_safe: bool) -> None:
    people = {"_T": "100", "19": "", "75": ""}
    rows = {"_T": str(120 + int(number)), "19": number, "75": "120"}
    path = folder(tmp_path / "a", people, rows, [STATED | {"one_row_per_value": False}])
    assert feasible_intervals(Publication.read(path))["people"]["19",] == (1, int(number))
    report = examine(path)
    of_people = [finding for finding in report.disclosures if finding.table == "people"]
    assert (not of_people) is is_safe


def test_the_rule_of_one_row_is_of_a_named_column(tmp_path: Path) -> None:
    """A person with two services by one payer has two rows of this payer; keys are sorted in a manifest."""
    people, rows = {"_T": "40", "19": "", "75": ""}, {"_T": "40", "19": "", "75": "36"}
    values = {"payer": "payers", "service": "service_kinds"}
    path = folder(tmp_path / "a", people, rows, [STATED | {"values": values, "one_row_per_value": ["service"]}])
    assert feasible_intervals(Publication.read(path))["people"]["19",] == (4, 4)


@pytest.mark.parametrize("ties", [[], [STATED | {"values": {}}], [STATED | {"people": "suspects"}]])
def test_a_tie_is_never_guessed(tmp_path: Path, ties: list[Tie]) -> None:
    people, rows = {"_T": "40", "19": "", "75": ""}, {"_T": "40", "19": "", "75": "36"}
    path = folder(tmp_path / "a", people, rows, ties)
    assert feasible_intervals(Publication.read(path))["people"]["19",] == (1, 39)
    assert not [finding for finding in examine(path).disclosures if finding.table == "people"]


def test_a_tie_that_the_figures_contradict_makes_both_units_undecided(tmp_path: Path) -> None:
    people, rows = {"_T": "60", "19": "20", "75": "40"}, {"_T": "40", "19": "20", "75": "20"}
    report = examine(folder(tmp_path / "a", people, rows, [STATED]))
    assert report.undecided == 2
    assert not report.safe
    assert any("contradict one another by the tie that a manifest states" in note for note in report.notes)


def test_a_remedy_hides_a_figure_of_the_same_release(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", {"_T": "40", "19": "", "75": ""}, {"_T": "40", "19": "", "75": "36"}, [STATED])
    finding = next(finding for finding in examine(path).disclosures if finding.table == "people")
    assert {(source.table, source.value) for source in finding.sources} >= {("rows", 36)}
    assert {advice.table for advice in finding.advice} <= {"people", "rows"}


def snapshots(seed: int, *, most_rows: int = 1) -> list[Snapshot]:
    """Make 400 victims in four regions and their services; interpretation is rare."""
    rng = np.random.default_rng(seed)
    kinds = {"shelter": 0.5, "food": 0.4, "interpretation": 0.05}
    people: list[Row] = []
    rows: list[Row] = []
    for number in range(400):
        attributes: Row = {"region": str(rng.choice(["19", "75", "71", "35"], p=[0.4, 0.3, 0.2, 0.1])), "sex": "male"}
        attributes |= {"age_group": "adult", "citizenship": "KZ"}
        own = [kind for kind, chance in kinds.items() if rng.random() < chance]
        people.append(attributes | {"service_kinds": own, "payers": ["state"] if own else []})
        for kind in own:
            row = attributes | {"service": kind, "payer": "state", PERSON_NUMBERS: [number]}
            rows += [row] * int(rng.integers(1, most_rows + 1))
    multi = frozenset({"service_kinds", "payers"})
    of_people = pl.DataFrame(people, schema_overrides=dict.fromkeys(multi, pl.List(pl.String)))
    of_rows = pl.DataFrame(rows, schema_overrides={PERSON_NUMBERS: pl.List(pl.UInt32)})
    return [
        Snapshot(of_people, "victims", "2025-12-31", True, "v", multi),
        Snapshot(of_rows, "services", "2025-12-31", True, "s"),
    ]


SPEC = parse(
    {
        "title": {"kk": "x", "ru": "x", "en": "x"},
        "period": "2025",
        "table": [
            {"name": "people", "of": "victims", "by": ["region", "service_kinds"]},
            {"name": "rows", "of": "services", "by": ["region", "service"]},
        ],
    }
)


def test_snapshots_show_which_rules_their_rows_keep() -> None:
    (tie,) = observed_ties(snapshots(0))
    assert (tie.same, tie.is_complete, tie.once) == (SAME, True, ("service",))
    (tie,) = observed_ties(snapshots(0, most_rows=3))
    assert (tie.is_complete, tie.once) == (True, ())
    people, rows = snapshots(0)
    moved = rows.frame.with_columns(pl.lit("19").alias("region"))
    (tie,) = observed_ties([people, replace(rows, frame=moved)])
    assert tie.same == ("sex", "age_group", "citizenship")
    (tie,) = observed_ties(
        [
            people,
            replace(
                rows, frame=rows.frame.vstack(rows.frame.tail(1).with_columns(pl.lit("legal_aid").alias("service")))
            ),
        ]
    )
    assert (tie.is_complete, tie.once) == (False, ())
    assert observed_ties([people, replace(rows, as_of="2024-12-31")]) == []


@pytest.mark.parametrize(("seed", "most_rows"), [(1, 1), (2, 1), (3, 3)])
def test_a_release_of_people_beside_their_rows_is_protected_as_one(
    seed: int, most_rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = snapshots(seed, most_rows=most_rows)
    draft = build.prepare(sources, SPEC, tmp_path / "draft")
    assert draft.attack is not None
    assert draft.attack.safe
    assert draft.ties is not None
    stated = StatedManifest.model_validate_json(as_bytes(draft.tree))
    assert stated.ties_of("services") == tuple(observed_ties(sources))
    if most_rows == 1:
        monkeypatch.setattr(linked_tables, "observed_ties", lambda sources: [])
        apart = build.prepare(sources, SPEC, tmp_path / "apart")
        assert apart.attack is not None
        assert not apart.attack.safe


def one_table(number: int) -> ReleaseSpec:
    return parse(SPEC.source | {"table": [SPEC.source["table"][number]]})


def test_manifests_state_no_tie_of_a_unit_without_tables(tmp_path: Path) -> None:
    draft = build.prepare(snapshots(0), one_table(0), tmp_path / "draft")
    assert "ties" not in draft.tree


def test_rows_are_protected_beside_people_that_are_public_already(tmp_path: Path) -> None:
    people, rows = snapshots(1)
    key, first = b"k" * 32, tmp_path / "first"
    build.build([people], one_table(0), first, key=key)
    with pytest.raises(BadInput, match="services concern the same people, give the snapshot of victims too"):
        build.prepare([rows], one_table(1), tmp_path / "alone", prior=[first])
    draft = build.prepare([people, rows], one_table(1), tmp_path / "both", prior=[first])
    assert draft.ties is not None
    assert draft.attack is not None
    assert not draft.attack.added
    assert not draft.attack.undecided


def assess_people(path: Path) -> PopulationAssessment:
    """Assess the tables of people of a folder beside those of their services."""
    populations = find_populations([Publication.read(path)])
    people = next(population for population in populations if population.unit == "victims")
    return PopulationAssessment(people, 10, frozenset({people.own[0].release}), tied_tables(people, populations))


def folder_of_many_groups(root: Path, services: int) -> Path:
    """Write 518 cells of people and of services; 25 people live in the two regions that are suppressed.

    In one of these regions are 18 services. So at least 7 of the people live in the other one, and at most `services`.
    Region, citizenship and origin have 29 codes: 59 x 59 x 59 groups by their values and complements.
    """
    regions = [f"r{n:02}" for n in range(27)]
    people = {"_T": str(30 * len(regions) + 25), "19": "", "75": ""} | dict.fromkeys(regions, "30")
    rows = {"_T": str(60 * len(regions) + services + 18), "19": str(services), "75": "18"}
    heads = ["count", "status"]
    interpretation = {"where": {"service_kinds": ["interpretation"]}, "multi": ["service_kinds"]}
    lines = [["region", *heads], *[[code, n, "ok" if n else "suppressed"] for code, n in people.items()]]
    tables = [table("people", lines, **interpretation)]
    for column in ("citizenship", "origin"):
        codes = [f"{column}{n:02}" for n in range(29)]
        tables.append(table(column, [[column, *heads], *[[code, "100", "ok"] for code in codes]]))
    lines = [["region", *heads], *[[code, n, "ok"] for code, n in (rows | dict.fromkeys(regions, "60")).items()]]
    tables.append(table("rows", lines, of="services", where={"service": ["interpretation"]}))
    days = [[f"d{n:03}", "40", "ok"] for n in range(400)]
    tables.append(table("days", [["day", *heads], *days], of="services"))
    return write(root, tables, as_of="2025-12-31", ties=[STATED | {"one_row_per_value": False}])


@pytest.mark.parametrize(("services", "ends"), [(15, [(7, 15)]), (16, [])])
def test_a_tie_of_many_cells_and_many_groups_is_assessed(
    tmp_path: Path, services: int, ends: list[tuple[int, int]]
) -> None:
    assessment = assess_people(folder_of_many_groups(tmp_path / "a", services))
    assert not assessment.undecided
    assert [(finding.lower, finding.upper) for finding in assessment.disclosures(0.0)] == ends


@pytest.mark.parametrize(
    ("services", "ends"), [("15", [(0, 2), (0, 2), (2, 2)]), ("22", [(0, 9), (0, 9), (9, 9)]), ("23", [])]
)
def test_services_of_all_beside_people_of_one_programme_give_the_others(
    tmp_path: Path, services: str, ends: list[tuple[int, int]]
) -> None:
    """13 people of one programme had interpretation; each service of this kind is of one person.

    The others with interpretation are found, and two groups of those who had no shelter: who had interpretation, and
    who had something. At most the others are in them, because all people of the programme with a service had shelter.
    """
    heads = ["count", "status"]
    counts = {"_T": "900", "interpretation": "13", "shelter": "500", "_U": "400"}
    people = [["service_kinds", *heads], *[[code, count, "ok"] for code, count in counts.items()]]
    rows = [["service", *heads], ["interpretation", services, "ok"], ["shelter", "800", "ok"]]
    tables = [
        table("people", people, where={"programme": ["iom"]}, multi=["service_kinds"]),
        table("rows", rows, of="services"),
    ]
    assessment = assess_people(write(tmp_path / "a", tables, as_of="2025-12-31", ties=[STATED]))
    assert not assessment.undecided
    assert [(finding.lower, finding.upper) for finding in assessment.disclosures(0.0)] == ends


def test_a_tie_that_is_not_decided_in_time_is_not_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "Survey", partial(Survey, budget=-1.0))
    monkeypatch.setattr(decisions, "BUDGET", -1.0)
    people, rows = {"_T": "25", "19": "", "75": ""}, {"_T": "33", "19": "15", "75": "18"}
    report = examine(folder(tmp_path / "a", people, rows, [STATED | {"one_row_per_value": False}]))
    assert report.undecided
    assert not report.safe
    assert any(note.endswith("in time (tables people beside tables rows of services)") for note in report.notes)
