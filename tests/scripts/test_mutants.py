"""The mutants of a file: each changes the code once, and the tool notices which of them a test kills."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from mutant_edits import describe, list_mutants, mutate  # noqa: E402
from mutant_tests import check_threads, list_callers, name_result  # noqa: E402
from mutants import draw, mentions  # noqa: E402


def changes(folder: Path, text: str) -> set[str]:
    """Return the lines that the mutants of a text put in place of others."""
    path = folder / "module.py"
    path.write_text(text, encoding="utf-8")
    return {describe(text, mutant.number)[1] for mutant in list_mutants(folder, path)}


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("a < b", {"a <= b", "a >= b"}),
        ("a == b", {"a != b"}),
        ("a in b", {"a not in b"}),
        ("a and b", {"a or b"}),
        ("not a", {"a"}),
        ("a + b", {"a - b"}),
        ("a & b", {"a | b"}),
        ("a[1]", {"a[2]", "a[0]"}),
        ("f(0.5)", {"f(1.0)", "f(0.25)", "pass"}),
        ("min(a)", {"max(a)", "pass"}),
        ("x = {a, b}", {"x = {a}", "x = {b}"}),
        ("x = True", {"x = False"}),
        ("[a for a in b if c]", {"[a for a in b if True]"}),
        ("x.y = z", {"pass"}),
        ("if a:\n    b", {"if not a:"}),
    ],
)
def test_a_mutant_differs_from_the_code_in_one_place(text: str, others: set[str], tmp_path: Path) -> None:
    assert changes(tmp_path, text) == others


@pytest.mark.parametrize(
    "text",
    [
        '"""Docstring."""',
        "x: dict[str, 1]",
        "if TYPE_CHECKING:\n    x = 1",
        "@dataclass(frozen=True)\nclass A:\n    pass",
        "def f(a: Literal[1]) -> Literal[2]:\n    pass",
        "__all__ = [*{1, 2}]",
    ],
)
def test_nothing_without_behaviour_has_a_mutant(text: str, tmp_path: Path) -> None:
    assert changes(tmp_path, text) == set()


def test_a_removed_statement_leaves_the_lines_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def f(a):\n    g(\n        a,\n    )\n    return a\n", encoding="utf-8")
    removed = next(mutant for mutant in list_mutants(tmp_path, path) if mutant.operator == "statement")
    assert (removed.line, removed.span, removed.function) == (2, (2, 4), "f")
    function = mutate(path.read_text(encoding="utf-8"), removed.number).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert [(type(line), line.lineno) for line in function.body] == [(ast.Pass, 2), (ast.Return, 5)]


def test_a_sample_changes_only_where_the_code_does(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    code = "".join(f"def f{number}(a):\n    return a + {number}\n" for number in range(50))
    path.write_text(code, encoding="utf-8")
    before = [mutant.key for mutant in draw(list_mutants(tmp_path, path), 20, 1)]
    assert len(set(before)) == 20
    path.write_text("# a comment\nimport os\n" + code, encoding="utf-8")
    assert [mutant.key for mutant in draw(list_mutants(tmp_path, path), 20, 1)] == before
    assert [mutant.key for mutant in draw(list_mutants(tmp_path, path), 20, 2)] != before


def test_a_change_of_a_kernel_drops_the_machine_code_of_its_callers(tmp_path: Path) -> None:
    path = tmp_path / "kernels.py"
    path.write_text(
        "def a(x):\n    return x\ndef b(x):\n    return a(x)\ndef c(x):\n    return b(x)\ndef d(x):\n    return x\n",
        encoding="utf-8",
    )
    assert list_callers(path, "a") == {"a", "b", "c"}
    assert list_callers(path, "d") == {"d"}


SOURCE = '''"""Two rules."""

LIMIT = 18


def is_child(age):
    """Return whether a person is a child."""
    return age < LIMIT


def is_adult(age):
    """Return whether a person is an adult."""
    return not is_child(age)
'''
TEST = """
from kerege.ages import is_adult, is_child


def test_a_child_is_no_adult():
    assert is_child(17) and not is_child(30)
    assert is_adult(30)
"""


def test_the_tool_tells_survivors_from_killed_mutants(tmp_path: Path) -> None:
    """A tree with one boundary that its test does not reach: `age < 18` and `age <= 18` both pass."""
    pytest.importorskip("coverage", reason="`make setup` has not installed coverage yet")
    write(tmp_path, "src/kerege/__init__.py", "")
    write(tmp_path, "src/kerege/ages.py", SOURCE)
    write(tmp_path, "tests/__init__.py", "")
    write(tmp_path, "tests/conftest.py", "from pathlib import Path\nHOME = Path(__file__).parent / 'home'\n")
    write(tmp_path, "tests/test_ages.py", TEST)
    write(tmp_path, "tests/home/empty", "")
    write(tmp_path, "scripts/mutants.toml", '[part.ages]\nsources = ["ages.py"]\ntests = [""]\n')
    for name in ("mutants.py", "mutant_edits.py", "mutant_tests.py"):
        write(tmp_path, f"scripts/{name}", (ROOT / "scripts" / name).read_text(encoding="utf-8"))
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "scripts/mutants.py", "ages", "--niceness", "0"]
    answer = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (1, "")
    lines = (tmp_path / "var" / "mutants" / "ages.txt").read_text(encoding="utf-8").splitlines()
    assert [line.strip() for line in lines if line.startswith("    ")] == [
        "- LIMIT = 18",
        "+ LIMIT = 19",
        "- return age < LIMIT",
        "+ return age <= LIMIT",
    ]


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("0", "survived"),
        ("1", "killed"),
        ("2", "killed"),
        ("4", "killed"),
        ("5", "undecided"),
        ("9", "import again"),
        ("70", "undecided"),
        ("time limit", "time limit"),
        ("undecided", "undecided"),
    ],
)
def test_a_process_that_fails_by_itself_or_runs_no_test_kills_no_mutant(code: str, result: str) -> None:
    assert name_result(code) == result


def test_a_pool_of_polars_in_the_process_that_forks_is_reported(tmp_path: Path) -> None:
    for number, name in enumerate(("python", "polars-ooc-clea", "tokio-rt-worker")):
        write(tmp_path, f"{number}/comm", f"{name}\n")
    check_threads(tmp_path)
    write(tmp_path, "9/comm", "polars-0\n")
    with pytest.raises(SystemExit, match="Polars while it is imported"):
        check_threads(tmp_path)


def test_a_mutant_of_a_file_that_was_edited_meanwhile_is_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("a < b\n", encoding="utf-8")
    mutant = list_mutants(tmp_path, path)[0]
    assert mutant.is_current(tmp_path)
    path.write_text("c == d\na < b\n", encoding="utf-8")
    assert not mutant.is_current(tmp_path)


def test_a_name_inside_a_kernel_leads_to_the_kernel_around_it() -> None:
    numbers, functions = mentions("src/kerege/evidence/mse/loglinear/kernels.py", frozenset({"def "}))
    assert len(numbers) >= len(functions) > 0
