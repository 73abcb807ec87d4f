"""The lists of the demo come from a known population: generated victims, detected and undetected."""

from __future__ import annotations

from collections import defaultdict

import pytest

from kerege.demo.programme import detection
from kerege.demo.programme.draw import stream
from kerege.demo.programme.generate import planted
from kerege.demo.programme.sources import agency
from kerege.demo.programme.world import DemoCase, World


@pytest.fixture(scope="module")
def victims(world: World) -> dict[str, list[DemoCase]]:
    """Return the cases of each victim of the years, without the unlinked duplicates."""
    duplicates = {key for key, _ in world.truth}
    cases: dict[str, list[DemoCase]] = defaultdict(list)
    for case in world.cases:
        cases[case.person].append(case)
    first, last = detection.YEARS
    return {
        person: own
        for person, own in cases.items()
        if person not in duplicates
        and first <= min(case.registered_on.year for case in own) <= last
        and all(case.closure_reason != "not_a_victim" for case in own)
    }


def test_the_truth_counts_the_victims_in_the_register_and_those_in_no_record(
    world: World, victims: dict[str, list[DemoCase]]
) -> None:
    truth = planted()
    assert truth.detected == len(victims)
    assert truth.undetected == world.undetected > 0
    assert truth.victims == truth.detected + truth.undetected


def test_every_victim_in_the_register_was_detected_by_an_agency(victims: dict[str, list[DemoCase]]) -> None:
    assert all(any(case.independent for case in own) for own in victims.values())


def test_a_referral_is_no_detection(victims: dict[str, list[DemoCase]]) -> None:
    for own in victims.values():
        for case in own:
            assert case.independent or case.route == "agency"


def test_the_chances_are_those_of_the_model() -> None:
    histories, missed = detection.drawn(stream(1, "chances"), 20_000)
    victims = len(histories) + missed
    for kind, reached in detection.REACHED.items():
        chance = (1 - detection.HARDLY) * reached + detection.HARDLY * detection.HIDDEN[kind]
        assert sum(kind in history for history in histories) / victims == pytest.approx(chance, abs=0.01)


def test_agencies_without_referred_victims_detected_all_their_victims(
    victims: dict[str, list[DemoCase]],
) -> None:
    for own in victims.values():
        for case in own:
            assert case.independent or agency(case.agency).kind in detection.HELPERS
