"""Each test file of the libraries runs in the environment of one extra."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers

from kerege.base.extras import MODULES
from tests import every_function
from tests.conftest import ROOT

SCRIPT = runpy.run_path(str(ROOT / "scripts" / "check_extras"))


def test_every_test_file_of_the_libraries_belongs_to_one_part() -> None:
    lists = {extra: list(SCRIPT["list_tests"](extra)) for extra in SCRIPT["PARTS"]}
    assert all(lists.values()), "each part has tests"
    files = {
        path.relative_to(ROOT) for name in SCRIPT["LIBRARIES"] for path in (ROOT / "tests" / name).rglob("test_*.py")
    }
    counted = Counter(path for paths in lists.values() for path in paths)
    assert files <= set(counted)
    assert max(counted.values()) == 1


def test_the_longest_path_decides() -> None:
    part_of = SCRIPT["part_of"]
    assert part_of(Path("linkage/names/test_names.py")) == "names"
    assert part_of(Path("linkage/matching/test_train.py")) == "linkage"
    assert part_of(Path("evidence/release/test_build.py")) == "release"


def test_every_extra_is_checked_and_every_path_exists() -> None:
    parts = SCRIPT["PARTS"]
    assert set(parts) == {"", *MODULES}
    assert all((ROOT / "tests" / path).exists() for part in parts.values() for path in part.tests)
    notebooks = {path.stem.partition("_")[0] for path in (ROOT / "examples").glob("*.ipynb")}
    assert set(parts) - {"", "server"} | {"vocabulary"} == notebooks


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["test_x[a]"], ["test_x[a]"]),
        (["test_x[a]", "test_x[b]", "test_x[c]", "test_y"], ["test_x[a]", "test_x[c]", "test_y"]),
        (["test_x", "test_that_is_long"], ["test_x"]),
    ],
)
def test_repetitions_and_long_functions_are_left_to_make_test(
    names: list[str], kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(every_function, "LONG", {"test_that_is_long"})
    items: list[Any] = [SimpleNamespace(nodeid=f"t.py::{name}", name=name) for name in names]
    left_out: list[Any] = []
    hook = SimpleNamespace(pytest_deselected=lambda items: left_out.extend(items))
    every_function.pytest_collection_modifyitems(SimpleNamespace(hook=hook), items)  # type: ignore[arg-type]
    assert [item.name for item in items] == kept
    assert len(left_out) == len(names) - len(kept)


def test_few_examples_are_drawn() -> None:
    @given(integers())
    @settings(max_examples=100)
    def drawn(number: int) -> None:
        numbers.append(number)

    numbers: list[int] = []
    item: Any = SimpleNamespace(nodeid="t.py::test_x", name="test_x", obj=drawn)
    hook = SimpleNamespace(pytest_deselected=lambda items: None)
    every_function.pytest_collection_modifyitems(SimpleNamespace(hook=hook), [item])  # type: ignore[arg-type]
    drawn()
    assert len(numbers) == every_function.EXAMPLES
