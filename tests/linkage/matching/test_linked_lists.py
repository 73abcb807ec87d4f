"""Lists of linked files, and draws of the linkage with the probabilities of its pairs."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kerege.base.errors import BadInput
from kerege.linkage.matching import linked_lists
from kerege.linkage.matching.linked_lists import count_people, draw_groups, lists_text, name_lists, write_lists


def linked(records: int, pairs: dict[tuple[int, int], float]) -> Any:
    """Return links of these match probabilities; all other pairs are certain not to match."""
    chances = np.array(list(pairs.values()))
    left, right = np.array(list(pairs), np.intp).T

    def weigh(first: NDArray[np.intp], second: NDArray[np.intp]) -> SimpleNamespace:
        known = [pairs.get((int(a), int(b)), 1e-6) for a, b in zip(first, second, strict=True)]
        return SimpleNamespace(weights=np.log2(np.array(known) / (1 - np.array(known))))

    return SimpleNamespace(
        ids=[str(row) for row in range(records)],
        left=left,
        right=right,
        weights=np.log2(chances / (1 - chances)),
        scores=weigh,
    )


def test_a_person_is_on_the_files_of_all_their_records() -> None:
    groups = np.array([0, 1, 0, 3, 0])
    owners = np.array([0, 0, 1, 1, 0])  # the first person has two records in the first file
    assert count_people(groups, owners, 2).tolist() == [0, 1, 1, 1]


def test_each_pair_is_a_link_with_its_probability() -> None:
    chances = [0.95, 0.6, 0.3, 0.08]
    pairs = {(2 * place, 2 * place + 1): chance for place, chance in enumerate(chances)}
    draws = list(draw_groups(linked(8, pairs), times=2000, seed=3))
    shares = [np.mean([groups[a] == groups[b] for groups in draws]) for a, b in pairs]
    assert shares == pytest.approx(chances, abs=0.035)


def test_the_people_on_two_files_have_the_mean_and_spread_of_independent_links() -> None:
    rng = np.random.default_rng(1)
    chances = rng.uniform(0.05, 0.98, 60)
    pairs = {(place, 60 + place): float(chance) for place, chance in enumerate(chances)}
    owners = np.repeat([0, 1], 60)
    both = [count_people(groups, owners, 2)[3] for groups in draw_groups(linked(120, pairs), times=1500, seed=4)]
    assert np.mean(both) == pytest.approx(chances.sum(), abs=0.4)
    assert np.std(both) == pytest.approx(np.sqrt((chances * (1 - chances)).sum()), rel=0.1)


def test_draws_depend_on_the_seed_alone() -> None:
    pairs = {(0, 1): 0.5, (2, 3): 0.5}
    first, again, other = (
        [groups.tolist() for groups in draw_groups(linked(4, pairs), times=30, seed=seed)] for seed in (1, 1, 2)
    )
    assert first == again != other


def test_links_that_contradict_each_other_do_not_chain() -> None:
    # records 0 and 2 are certain to be two persons, so 1 belongs to one of them
    pairs = {(0, 1): 0.9, (1, 2): 0.9}
    for groups in draw_groups(linked(3, pairs), times=50, seed=5):
        assert groups[0] != groups[2]


def test_the_table_has_a_row_for_each_combination_with_people() -> None:
    text = lists_text(["police", 'a "b", c'], np.array([0, 5, 0, 2]))
    assert list(csv.reader(text.splitlines())) == [["police", 'a "b", c', "count"], ["1", "0", "5"], ["1", "1", "2"]]


def test_the_draws_are_beside_the_table_with_its_hash(tmp_path: Path) -> None:
    groups, owners = np.array([0, 1, 0]), np.array([0, 0, 1])
    path = tmp_path / "LISTS.csv"
    write_lists(path, ["a", "b"], owners=owners, groups=groups, draws=[groups, np.array([0, 1, 2])])
    document = json.loads((tmp_path / "LISTS.draws.json").read_text())
    assert document["table"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert document["draws"] == [[[1, 1], [3, 1]], [[1, 2], [2, 1]]]


def test_without_draws_there_is_no_second_file(tmp_path: Path) -> None:
    write_lists(tmp_path / "L.csv", ["a", "b"], owners=np.array([0, 1]), groups=np.array([0, 1]), draws=[])
    assert [path.name for path in tmp_path.iterdir()] == ["L.csv"]


@pytest.mark.parametrize(
    "names", [["a.csv"], [f"{n}.csv" for n in range(11)], ["x/a.csv", "y/a.csv"], ["a.csv", "n.csv"]]
)
def test_files_that_make_no_lists_are_refused(names: list[str]) -> None:
    with pytest.raises(BadInput):
        name_lists([Path(name) for name in names])
    assert linked_lists.LEAST < 0.5
