"""The cache of compiled code belongs to one version of the sources that the code depends on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import NumbaError
from numpy.typing import NDArray

from kerege.evidence.counting import kernels
from kerege.evidence.numerics import jit
from kerege.evidence.numerics.jit import cache_folder, compiled_sources, inlined, uncounted

SOURCES = {
    "loops.py": "from kerege.evidence.numerics.jit import compiled\nfrom kerege.evidence.part.layout import Layout\n",
    "part/layout.py": "from kerege.evidence.part import sizes\nclass Layout: ...\n",
    "part/sizes.py": "SIZE = 3\n",
    "other.py": "from kerege.evidence.loops import fill\n",
}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a package with a compiled file, files that it imports, and another file."""
    folder = tmp_path / "evidence"
    (folder / "part").mkdir(parents=True)
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("name", ["loops.py", "part/layout.py", "part/sizes.py"])
def test_a_change_of_what_the_machine_code_holds_gives_another_cache_folder(sources: Path, name: str) -> None:
    first = cache_folder(sources)
    assert cache_folder(sources) == first
    (sources / name).write_text(SOURCES[name] + "RENAMED = 1\n")
    assert cache_folder(sources) != first


def test_a_change_of_any_other_file_keeps_the_cache(sources: Path) -> None:
    first = cache_folder(sources)
    (sources / "other.py").write_text("# changed\n")
    (sources / "new.py").write_text("import math\n")
    assert cache_folder(sources) == first


def test_a_renamed_source_has_another_cache_folder(sources: Path) -> None:
    first = cache_folder(sources)
    (sources / "loops.py").rename(sources / "part" / "loops.py")
    assert cache_folder(sources) != first


def test_every_file_with_compiled_functions_is_among_the_sources() -> None:
    folder = Path(inspect.getfile(jit)).parents[1]
    paths = compiled_sources(folder)
    assert Path(inspect.getfile(kernels)) in paths
    assert Path(inspect.getfile(jit)) in paths
    decorated = {path for path in folder.rglob("*.py") if "\n@compiled\n" in path.read_text(encoding="utf-8")}
    assert decorated <= set(paths)
    assert len(paths) < 40


@pytest.mark.parametrize("decorate", [inlined, uncounted])
def test_a_function_without_counts_of_references_changes_arrays_and_makes_none(
    decorate: Callable[[Callable[..., object]], Callable[..., object]],
) -> None:
    def double(values: NDArray[np.int64]) -> None:
        values[:] = 2 * values[0]

    def make(size: int) -> int:
        return len(np.empty(size))

    values = np.array([3, 4])
    decorate(double)(values)
    assert values.tolist() == [6, 6]
    with pytest.raises(NumbaError):
        decorate(make)(3)
