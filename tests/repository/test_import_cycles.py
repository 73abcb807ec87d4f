"""No module imports itself through other modules; the import contracts compare siblings only."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest


def first_cycle(imports: dict[str, set[str]]) -> list[str]:
    """Return the modules of one cycle of imports; an empty list when there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_a_cycle_is_named() -> None:
    assert first_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) in (["b", "c", "b"], ["c", "b", "c"])


@pytest.mark.parametrize("type_checking", [True, False])
def test_no_module_imports_itself_through_others(type_checking: bool) -> None:
    graph = grimp.build_graph("kerege", exclude_type_checking_imports=not type_checking, cache_dir=None)
    assert first_cycle({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}) == []
