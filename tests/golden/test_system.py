"""The system and a small register agree with the records in `expected/`; see README.md."""

from __future__ import annotations

import pytest

from tests.golden import compare, record


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the present records of the system and of a new register."""
    return record.record_register(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("name", record.SYSTEM)
def test_system_is_the_committed_one(records: dict[str, str], name: str) -> None:
    changes = compare.difference(name, records[name], exact=True)
    assert not changes, changes


@pytest.mark.parametrize("name", record.REGISTERED)
def test_register_is_the_committed_one(records: dict[str, str], name: str) -> None:
    changes = compare.difference(name, records[name], exact=compare.is_same_environment())
    assert not changes, changes


def test_no_record_is_left_out(records: dict[str, str]) -> None:
    assert set(records) == {*record.SYSTEM, *record.REGISTERED}
