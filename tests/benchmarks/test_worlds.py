"""Simulated worlds of the headline's benchmark, and the count of ranges that hold."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.worlds import DOCUMENTED, Group, LinkageErrors, World, draw_random_world
from benchmarks.worlds.coverage import (
    RangeCoverage,
    Share,
    envelope_coverage,
    floor_coverage,
    headline_coverage,
    median_factor,
)
from benchmarks.worlds.outcome import Limits, Outcome, measure_set
from benchmarks.worlds.population import chances_of_histories, link_records

BY_LETTER = {documented.letter: documented for documented in DOCUMENTED}
SETS = 5
WITHIN = 0.03  # of the stated people on lists, and of those on two or more, beside four standard errors
TIMES = 100


def coverage_of(letter: str, sets: int) -> RangeCoverage:
    """Return how often the headline holds in sets of a world."""
    world = BY_LETTER[letter].world
    drawn = (world.draw(np.random.default_rng((1, ord(letter), number))) for number in range(sets))
    return headline_coverage(
        [measure_set(world.people, lists, TIMES, number + 1) for number, lists in enumerate(drawn)]
    )


def test_the_study_has_22_worlds() -> None:
    kinds = {kind: "".join(sorted(w.letter for w in DOCUMENTED if w.kind == kind)) for kind in ("good", "bad")}
    assert kinds == {"good": "ABCGIMS", "bad": "DEFHJKLT"}
    assert "".join(sorted(w.letter for w in DOCUMENTED if w.kind == "further")) == "OQUVXYZ"


def test_as_many_people_are_on_lists_and_on_two_as_the_study_states() -> None:
    others = {}
    for documented in DOCUMENTED:
        rng = np.random.default_rng(7)
        drawn = [documented.world.draw(rng) for _ in range(SETS)]
        assert (drawn[0].dense != drawn[1].dense).any(), documented.letter
        means = np.mean([(lists.people, lists.repeated) for lists in drawn], axis=0)
        stated = np.array([documented.observed, documented.repeated])
        if (abs(means - stated) > WITHIN * stated + 4 * np.sqrt(stated / SETS)).any():
            others[documented.letter] = means, stated
    assert not others


def test_a_factor_of_the_empty_history_leaves_the_others_in_proportion() -> None:
    log_odds = np.log([[0.25, 0.5, 1.0]])
    chances, doubled = (chances_of_histories(log_odds, ((0, 1, 4.0),), factor)[0] for factor in (1.0, 2.0))
    assert doubled[0] / doubled[7] == pytest.approx(2 * chances[0] / chances[7])
    assert doubled[1:] / doubled[7] == pytest.approx(chances[1:] / chances[7])
    for third in (0, 4):
        assert chances[third] * chances[third + 3] / chances[third + 1] / chances[third + 2] == pytest.approx(4)


def test_missed_links_make_people_and_false_links_join_them() -> None:
    rng = np.random.default_rng(3)
    histories = np.repeat([0b0111, 0b0001, 0b1000], [2_000, 1_000, 1_000])
    missed = link_records(histories, 4, LinkageErrors(missed=0.25), rng)
    assert len(missed) - len(histories) == pytest.approx(1_000, abs=110)  # a quarter of 4,000 links
    assert np.bitwise_count(missed.astype(np.uint64)).sum() == 2_000 * 3 + 2_000  # no record is lost
    joined = link_records(histories, 4, LinkageErrors(false=0.1), rng)
    pairs = len(histories) - len(joined)
    assert 0 < pairs <= 100
    assert (joined == 0b1001).sum() == pairs


def test_people_beyond_reach_are_on_no_list_and_referred_people_on_the_second() -> None:
    group = Group(1.0, (0.5, 0.01, 0.5))
    whole, half = (World(10_000, (group,), beyond=beyond).draw(np.random.default_rng(1)).people for beyond in (0, 0.5))
    assert half == pytest.approx(whole / 2, rel=0.03)
    lists = World(10_000, (group,), referred=1.0).draw(np.random.default_rng(1))
    assert lists.on(0b11, mask=True) == lists.on(0)


def test_random_worlds_keep_their_limits_and_have_every_property() -> None:
    worlds = [draw_random_world(np.random.default_rng((5, number))) for number in range(60)]
    assert {world.lists for world in worlds} == {3, 4, 5}
    assert all(800 <= world.people <= 15_000 for world in worlds)
    assert all(world.spread <= 1.5 and world.beyond <= 0.5 and world.linkage.missed <= 0.12 for world in worlds)
    assert all(sum(group.share for group in world.groups) == pytest.approx(1) for world in worlds)
    assert {len(world.groups) for world in worlds} == {1, 2, 4}
    for present in ([bool(w.ties) for w in worlds], [w.spread > 0 for w in worlds], [w.beyond > 0 for w in worlds]):
        assert 15 <= sum(present) <= 45


def test_a_range_of_independent_lists_holds_and_one_of_few_overlaps_is_none() -> None:
    assert coverage_of("A", 1).holds == Share(1, 1)
    world = World(400, (Group(1.0, (0.1, 0.05, 0.05)),))
    outcome = measure_set(400, world.draw(np.random.default_rng(1)), TIMES, 1)
    assert (outcome.kind, outcome.headline, outcome.envelope) == ("none", None, None)


def test_where_few_are_easy_to_reach_the_range_holds_and_the_envelope_does_not() -> None:
    world = BY_LETTER["E"].world
    outcome = measure_set(world.people, world.draw(np.random.default_rng(4)), TIMES, 1)
    assert outcome.headline is not None
    assert outcome.envelope is not None
    assert outcome.headline.holds(world.people)
    assert outcome.floor_holds
    assert outcome.envelope.upper < world.people / 2
    assert outcome.factor > 3


def test_coverage_counts_ranges_and_the_published_ones_among_all_sets() -> None:
    outcomes = [
        Outcome(100, 40, 20, "range", 80.0, Limits(50, 150, True), Limits(60, 90, True)),
        Outcome(100, 40, 20, "at_least", 60.0, Limits(110, 900, False), Limits(60, 120, True)),
        Outcome(100, 40, 20, "range", 70.0, Limits(50, 90, True), Limits(60, 300, False)),
        Outcome(100, 40, 20, "none"),
    ]
    assert headline_coverage(outcomes) == RangeCoverage(Share(1, 3), 3.0, Share(2, 4), Share(1, 4))
    assert envelope_coverage(outcomes) == RangeCoverage(Share(2, 3), 2.0, Share(2, 4), Share(1, 4))
    assert floor_coverage(outcomes) == Share(2, 3)
    assert median_factor(outcomes) == 2.0
    assert Share(20, 20).error > 0
