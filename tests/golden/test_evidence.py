"""The evidence layer prints and writes the bytes that are committed in `expected/`; see README.md."""

from __future__ import annotations

import pytest

from tests.golden import compare, record
from tests.golden.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the present output of all scenarios."""
    return record.record(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS])
def test_output_is_the_committed_one(records: dict[str, str], name: str) -> None:
    check_record(name, records[name])


def check_record(name: str, text: str) -> None:
    changes = compare.difference(name, text, exact=compare.is_same_environment())
    assert not changes, changes


def test_every_command_is_frozen() -> None:
    changes = compare.difference("options", record.options(), exact=True)
    assert not changes, changes
