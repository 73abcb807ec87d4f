"""The cache of compiled code belongs to one version of the sources."""

from __future__ import annotations

from pathlib import Path

from kerege.evidence.numerics.jit import cache_folder


def test_a_changed_or_renamed_source_has_another_cache_folder(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    source = tmp_path / "part" / "loops.py"
    source.write_text("class Shelf: ...")
    first = cache_folder(tmp_path)
    assert cache_folder(tmp_path) == first
    source.write_text("class Layout: ...")
    second = cache_folder(tmp_path)
    source.rename(tmp_path / "loops.py")
    assert len({first, second, cache_folder(tmp_path)}) == 3
