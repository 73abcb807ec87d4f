"""The tie that a manifest states between two units."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.published_tables.people_tie import PeopleTie
from kerege.evidence.sdc.published_tables.stated_manifest import StatedManifest

ENTRY: dict[str, object] = {
    "rows": "services",
    "people": "victims",
    "same": ["sex"],
    "values": {"service": "service_kinds"},
    "every_row_counted": True,
}


def ties(**changed: object) -> tuple[PeopleTie, ...]:
    """Return the ties of a manifest with one entry."""
    return StatedManifest.model_validate({"ties": [ENTRY | changed]}).ties_of("services")


def test_a_tie_is_known_to_both_of_its_units_and_to_no_other() -> None:
    manifest = StatedManifest.model_validate({"ties": [ENTRY]})
    (tie,) = manifest.ties_of("victims")
    assert manifest.ties_of("services") == (tie,)
    assert manifest.ties_of("cases") == manifest.ties_of("") == ()
    assert (tie.rows, tie.people, tie.same, dict(tie.values)) == (
        *("services", "victims", ("sex",), {"service": "service_kinds"}),
    )


@pytest.mark.parametrize(
    ("counted", "once", "expected"),
    [
        (True, False, (True, ())),
        (False, True, (True, ("service",))),
        (False, ["service"], (True, ("service",))),
        (False, ["payer", 3], (False, ())),
        (False, False, (False, ())),
        (1, "yes", (False, ())),
    ],
)
def test_one_row_of_each_value_implies_that_every_row_is_counted(
    counted: object, once: object, expected: tuple[bool, tuple[str, ...]]
) -> None:
    (tie,) = ties(every_row_counted=counted, one_row_per_value=once)
    assert (tie.is_complete, tie.once) == expected


@pytest.mark.parametrize(("once", "expected"), [(["service"], ("service",)), (True, ())])
def test_the_order_of_the_values_says_nothing(once: object, expected: tuple[str, ...]) -> None:
    (tie,) = ties(values={"payer": "payers", "service": "service_kinds"}, one_row_per_value=once)
    assert tie.once == expected


@pytest.mark.parametrize("changed", [{"rows": ""}, {"people": 3}, {"values": {}}, {"values": {"service": 3}}])
def test_an_entry_without_units_or_values_is_no_tie(changed: dict[str, object]) -> None:
    assert ties(**changed) == ()


def test_ties_with_equal_rules_are_one() -> None:
    (first,), (second,) = ties(), ties()
    assert first == second
    assert len({first, second}) == 1
