"""The search for groups that are not safe: bounds by tables, dense registers, too many groups."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from kerege.evidence.counting.frequency_table import tabulate
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.groups import decisions, search
from kerege.evidence.sdc.groups.conditions import Variable, variable_sets, variables
from kerege.evidence.sdc.groups.table_bounds import floors
from kerege.evidence.sdc.linear.linear_system import Ints
from tests.evidence import made

YEARS, SEXES, FORMS = ("2024", "2025"), ("f", "m"), ("p", "q", "r")
# people of each year, sex and form; every count is large
PEOPLE = {key: 20 + 7 * number for number, key in enumerate(product(YEARS, SEXES, FORMS))}


@pytest.fixture
def source(tmp_path: Path) -> Snapshot:
    """Return the snapshot of PEOPLE, a row for each person."""
    columns = ("year", "sex", "form")
    rows = [dict(zip(columns, key, strict=True)) for key, count in PEOPLE.items() for _ in range(count)]
    return made.snapshot(tmp_path, rows)


def chosen_variables(builder: JointBuilder, columns: set[str]) -> list[Variable]:
    """Return the variables of these columns."""
    living = [np.ones(len(family.atoms), dtype=bool) for family in builder.families]
    return [
        variable
        for variable in variables(builder.families, builder.views, living, {})
        if {*builder.families[variable.family or 0].columns} <= columns
    ]


def test_a_table_of_one_year_bounds_the_groups_of_that_year(source: Snapshot) -> None:
    tables = [tabulate(source, ["sex"], {"year": ["2025"]}), tabulate(source, ["year"])]
    builder = JointBuilder(source, tables, loose=True)
    chosen = chosen_variables(builder, {"year", "sex"})
    least, most = floors(builder, chosen, tuple(len(variable.conditions) for variable in chosen))
    expected = sum(count for (year, sex, _), count in PEOPLE.items() if (year, sex) == ("2025", "f"))
    place = tuple(
        next(n for n, condition in enumerate(variable.conditions) if code in dict(condition.codes).values())
        for variable, code in zip(chosen, ("2025", "f"), strict=True)
    )
    assert (least[place], most[place]) == (expected, expected)
    other_year = tuple(1 - n if variable is chosen[0] else n for n, variable in zip(place, chosen, strict=True))
    assert (least[other_year], most[other_year]) == (0, np.inf)


def further_counts(survey: Survey) -> Ints:
    """Return the people of all unknowns at the point of least cost, where every person has a profit."""
    cost = -np.ones(len(survey.joint.people))
    point = np.zeros(len(survey.core.lower), dtype=np.int64)
    reduced = survey.core.reduced_cost(cost)
    for block in survey.blocks:
        point[block.part.columns] = block.witness(reduced[block.part.columns])
    return survey.core.expand(point, cost)


def test_people_whom_no_table_counts_by_form_get_several_forms_in_one_register(source: Snapshot) -> None:
    tables = [tabulate(source, ["form"], {"year": ["2025"]}), tabulate(source, ["year"])]
    builder = JointBuilder(source, tables, loose=True)
    counts = further_counts(Survey(builder.build(), 10, whole=True))
    year, form = (
        next(f for f, family in enumerate(builder.families) if name in family.columns) for name in ("year", "form")
    )
    group = next(g for g, families in enumerate(builder.people.groups) if {year, form} <= families)
    start, coords = builder.people.start[group], builder.people.coords[group]
    people = counts[start : start + builder.people.count(group)]
    in_2024 = coords[year] == list(builder.families[year].atoms).index(("2024",))
    assert people[in_2024].sum() == sum(count for key, count in PEOPLE.items() if key[0] == "2024")
    assert (people[in_2024] > 0).sum() > 1


@pytest.mark.parametrize(("most", "is_decided"), [(10_000, True), (0, False)])
def test_groups_beyond_the_limit_are_undecided(
    source: Snapshot, monkeypatch: pytest.MonkeyPatch, most: int, is_decided: bool
) -> None:
    monkeypatch.setattr(search, "MOST_CROSSING", most)
    tables = [tabulate(source, by) for by in (["year", "sex"], ["form"])]
    findings = decisions.assess_groups(source, tables, 10)
    crossing = sum(
        len(chosen[0].conditions) * len(chosen[1].conditions) * len(chosen[2].conditions)
        for numbers, chosen in variable_sets(chosen_variables(JointBuilder(source, tables), {"year", "sex", "form"}))
        if len(numbers) == search.ORDER
    )
    assert findings.left_out == findings.undecided == (0 if is_decided else crossing)
    assert (findings.undecided == 0) == is_decided
