"""`make bench` prints one table of the scripts that measure and of the programs beside Kerege."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNNER = runpy.run_path(str(ROOT / "scripts" / "run_benchmarks.py"))
COMPARISON = """
import sys
sys.path.insert(0, {root!r})
from benchmarks.kept_rows import keep_row
sum(range(10**7))
print("measured")
if __name__ == "__main__":
    keep_row("t", "Kerege", 2.0, error="3 people")
    keep_row("t", "Other", 8.0, error="9 people", ratios=(4.0, 3.0))
    keep_row("t", "Slow", None, error="not done after 900 CPU s")
"""


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The rows of one script that compares two programs."""
    (tmp_path / "compare.py").write_text(COMPARISON.format(root=str(ROOT)), encoding="utf-8")
    monkeypatch.setitem(RUNNER["run"].__globals__, "BENCHMARKS", tmp_path)
    return list(RUNNER["run"]("compare", tmp_path))


def test_a_script_has_a_row_with_its_processor_time_and_its_output(rows: list[tuple[str, ...]]) -> None:
    name, _, _, cpu, *_, output = rows[0]
    assert (name, float(cpu) > 0) == ("compare", True)
    assert Path(output).read_text(encoding="utf-8") == "measured\n"


def test_a_program_beside_kerege_has_a_row_with_its_time_and_error_and_both_ratios(rows: list[tuple[str, ...]]) -> None:
    assert [row[1:7] for row in rows[1:3]] == [
        ("t", "Kerege", "2.0", "", "3 people", ""),
        ("t", "Other", "8.0", "4.0", "9 people", "3.0"),
    ]


def test_a_program_without_a_result_has_a_row_with_the_reason(rows: list[tuple[str, ...]]) -> None:
    assert rows[3][1:7] == ("t", "Slow", "", "", "not done after 900 CPU s", "")


def test_a_script_that_fails_is_named_with_its_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.setitem(RUNNER["run"].__globals__, "BENCHMARKS", tmp_path)
    (row,) = RUNNER["run"]("broken", tmp_path)
    assert row[-1].endswith("broken.txt (exit 3)")


def test_every_script_that_measures_is_named_in_the_readme_of_the_benchmarks() -> None:
    readme = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert [name for name in RUNNER["find_benchmarks"]() if f"`{name}.py`" not in readme] == []


def test_a_helper_of_other_scripts_exists_and_is_not_run() -> None:
    files = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert files >= RUNNER["HELPERS"]
    assert not RUNNER["HELPERS"] & set(RUNNER["find_benchmarks"]())
