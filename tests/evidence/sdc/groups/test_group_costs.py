"""Costs of unknowns: the cost of all people is the weight of the groups in which they are."""

from __future__ import annotations

import numpy as np
import pytest

from kerege.evidence.counting.frequency_table import tabulate
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.groups import group_costs
from kerege.evidence.sdc.groups.conditions import Variable, variable_sets, variables
from kerege.evidence.sdc.groups.counts import group_counts
from kerege.evidence.sdc.groups.group_costs import GroupCosts
from kerege.evidence.sdc.groups.registers import true_register
from tests.evidence import made

PEOPLE = [("f", "p", "x"), ("f", "q", "x;y"), ("m", "q", "y"), ("m", "r", ""), ("m", "r", "x"), ("f", "p", "y")]


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> JointBuilder:
    """Return the system of sex by form, of the years, and of a multi-valued column by sex."""
    rows = [
        {"sex": sex, "form": form, "means": means, "year": str(2020 + n % 2)}
        for n, (sex, form, means) in enumerate(PEOPLE)
    ]
    source = made.snapshot(tmp_path_factory.mktemp("a"), rows, multi=["means"])
    tables = [tabulate(source, by) for by in (["sex", "form"], ["year"], ["sex", "means"])]
    return JointBuilder(source, tables, loose=True)


def sets_of(builder: JointBuilder) -> list[list[Variable]]:
    """Return all sets of up to three variables."""
    living = [np.ones(len(family.atoms), dtype=bool) for family in builder.families]
    several = {name: column.named_values for name, column in builder.several.items()}
    chosen = variables(builder.families, builder.views, living, several)
    return [members for _, members in variable_sets(chosen) if members]


def test_the_cost_of_all_people_is_the_weight_of_their_groups(builder: JointBuilder) -> None:
    people, rng = builder.build().people, np.random.default_rng(0)
    register, compared = true_register(builder), 0
    for chosen in sets_of(builder):
        families = [variable.family for variable in chosen]
        cliques = sum(bool(set(families) & clique) for clique in builder.people.groups)
        if None in families or cliques > 1 or not builder.is_within(frozenset(families), []):
            continue
        counts = group_counts(register, builder.families, chosen)
        push = rng.uniform(-1, 1, counts.size)
        cost = np.zeros(len(people))
        GroupCosts(builder).add(cost, chosen, np.arange(counts.size), push)
        assert cost @ people == pytest.approx(push @ counts.ravel())
        compared += 1
    assert compared >= 2


def test_a_few_groups_cost_the_same_one_by_one_as_together(
    builder: JointBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, rng, compared = len(builder.build().people), np.random.default_rng(0), 0
    for chosen in sets_of(builder):
        places = rng.choice(int(np.prod([len(variable.conditions) for variable in chosen])), 5)
        push = rng.uniform(-1, 1, len(places))
        costs = []
        for few in (0, len(places)):
            monkeypatch.setattr(group_costs, "FEW", few)
            cost = np.zeros(size)
            GroupCosts(builder).add(cost, chosen, places, push)
            costs.append(cost)
        np.testing.assert_allclose(costs[0], costs[1], atol=1e-12)
        compared += any(variable.family is None for variable in chosen) and bool(costs[0].any())
    assert compared >= 3
