"""The report as it is written into files: names of version 0.1, and what a release adds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from kerege.evidence.sdc.disclosure.report import AttackReport, Examined, Finding

SOURCE = {"release": "new", "table": "sex", "cell": {"sex": "f"}, "value": 62}
FINDING: dict[str, Any] = {
    "kind": "interval",
    "release": "new",
    "table": "sex",
    "where": {"year": ["2025"]},
    "cell": {"sex": "m"},
    "lower": 8,
    "upper": 8,
    "people": 8,
    "from": [SOURCE],
    "remedy": "hide a further cell",
    "words": ["8 men"],
    "advice": [{"table": "sex", "action": "hide", "cells": [{"sex": "f"}]}],
    "already_public": False,
}
EXAMINED = {"releases": 1, "tables": 1, "cells": 3, "hidden": 1, "differences": 4}


def report(*findings: dict[str, Any], **stated: Any) -> AttackReport:
    """Return a report with these findings."""
    facts = {
        "safe": not findings,
        "undecided": 0,
        "threshold": 10,
        "disclosures": list(findings),
        "groups": [],
        "already_public": sum(finding["already_public"] for finding in findings),
        "examined": EXAMINED,
        "notes": [],
    }
    return AttackReport.model_validate(facts | stated)


def test_a_file_calls_the_sources_from_and_the_groups_differences() -> None:
    written = json.loads(json.dumps(report(FINDING).tree))
    assert written["disclosures"][0]["from"] == [SOURCE]
    assert written["examined"] == EXAMINED
    assert AttackReport.model_validate(written) == report(FINDING)


def test_code_may_use_the_names_of_the_fields() -> None:
    examined = Examined(releases=1, tables=1, cells=3, hidden=1, groups=4)
    assert examined == Examined.model_validate(EXAMINED)
    by_name = {("sources" if key == "from" else key): value for key, value in FINDING.items()}
    assert Finding.model_validate(by_name) == Finding.model_validate(FINDING)


def test_a_release_adds_what_was_not_public_before() -> None:
    known = FINDING | {"already_public": True, "advice": []}
    result = report(FINDING, known)
    assert result.already_public == 1
    assert [finding.already_public for finding in result.added] == [False]
    assert report(known).added == []
    assert report().added == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "guess"},
        {"people": -1},
        {"lower": 8.5},
        {"advice": [{"table": "sex", "action": "burn", "cells": []}]},
        {"cell": {"sex": 7}},
        {"words": None},
    ],
)
def test_findings_of_another_form_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Finding.model_validate(FINDING | change)


def test_the_ends_of_a_difference_can_be_below_nobody() -> None:
    """A revision downwards has negative ends; the number of people is their size."""
    finding = Finding.model_validate(FINDING | {"kind": "revision", "lower": -5, "upper": -3, "people": 5})
    assert (finding.lower, finding.upper) == (-5, -3)
