"""The public names of each part are few, documented and loaded lazily.

Their signatures are on record and their examples run.
"""

from __future__ import annotations

import doctest
import inspect
import json
import re
import runpy
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kerege.base.extras import MODULES

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "public_api.py"))
PARTS: dict[str, str] = SCRIPT["PARTS"]
HEAVY = ("numpy", "scipy", "numba", "polars", "pyarrow", "highspy", "opendp", "sqlglot", "rapidfuzz", "cryptography")
NAMES = [(part, name) for part, package in PARTS.items() for name in import_module(package).__all__]
# extras without a package of public names; the server is not a library
SMALLER = set(MODULES) - set(PARTS) - {"server"}
EXAMPLES = sorted((ROOT / "examples").glob("*.ipynb"))


def public(part: str, name: str) -> Any:
    return getattr(import_module(PARTS[part]), name)


def members(value: Any) -> list[Any]:
    """Return a function, or a class with its functions and those that it inherits."""
    if not inspect.isclass(value):
        return [value]
    attributes = [getattr(value, name) for name in SCRIPT["members"](value) if not name.startswith("_")]
    return [
        value,
        *[attribute for attribute in attributes if inspect.isfunction(attribute) or inspect.ismethod(attribute)],
    ]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_10_to_20_public_names_each_with_a_home(part: str) -> None:
    package = import_module(PARTS[part])
    assert 10 <= len(package.__all__) <= 20
    assert set(package.__all__) == set(package._HOMES)
    inside = {path.stem for path in Path(str(package.__file__)).parent.iterdir()}
    assert set(package.__all__) & inside == set(), "a module of this name would take the place of the public name"
    with pytest.raises(AttributeError, match="no_such_name"):
        package.no_such_name  # noqa: B018


@pytest.mark.parametrize("part", PARTS)
def test_importing_a_part_loads_nothing_heavy(part: str) -> None:
    code = f"import sys, {PARTS[part]}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.split() == []


def test_a_deprecated_name_gives_the_present_one_and_warns() -> None:
    with pytest.warns(DeprecationWarning, match=r"kerege\.linkage\.Person is now kerege\.linkage\.PersonAttributes"):
        former = public("linkage", "Person")
    assert former is public("linkage", "PersonAttributes")


@pytest.mark.parametrize("name", SCRIPT["pages"]())
def test_signatures_are_those_on_record(name: str) -> None:
    written = (ROOT / "docs" / "reference" / "api" / name).read_text(encoding="utf-8")
    assert written == SCRIPT["pages"]()[name], "run scripts/public_api.py"


@pytest.mark.parametrize(("part", "name"), NAMES)
def test_a_public_name_has_a_docstring_and_its_examples_run(part: str, name: str) -> None:
    value = public(part, name)
    if not callable(value):
        return
    for member in members(value):
        assert inspect.getdoc(member), member
        docstring = inspect.getdoc(member) or ""
        test = doctest.DocTestParser().get_doctest(docstring, dict(vars(inspect.getmodule(member))), name, None, None)
        assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("name", [name for part, name in NAMES if part == "mse" and name != "BadLists"])
def test_every_name_of_mse_has_a_worked_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(public("mse", name)) or "")


@pytest.mark.parametrize("part", PARTS)
def test_the_page_of_a_part_has_its_sections_and_its_example_prints_what_it_shows(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "libraries" / f"{part}.md").read_text(encoding="utf-8")
    assert f'pip install "kerege[{part}]"' in page or part == "vocabulary"
    for section in ("Install", "Example", "Public names", "Sources", "Limits"):
        assert re.search(rf"^## .*{section}", page, re.M | re.I), section
    for name in import_module(PARTS[part]).__all__:
        assert f"`{name}" in page, name
    check_examples(page, tmp_path, monkeypatch, capsys)


def check_examples(
    page: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run the code of a page; it must print what the page shows."""
    monkeypatch.chdir(folder)
    known: dict[str, object] = {}
    shown = re.findall(r"^```(python|text)\n(.*?)^```", page, re.M | re.S)
    assert [kind for kind, _ in shown].count("text") >= 1
    for kind, text in shown:
        if kind == "python":
            exec(compile(text, "page", "exec"), known)
        else:
            assert capsys.readouterr().out == text


@pytest.mark.parametrize("extra", sorted(SMALLER))
def test_the_page_of_a_further_extra_prints_what_it_shows(
    extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "libraries" / f"{extra}.md").read_text(encoding="utf-8")
    assert f'pip install "kerege[{extra}]"' in page
    for section in ("Install", "Example", "Public names", "Sources", "Limits"):
        assert re.search(rf"^## .*{section}", page, re.M | re.I), section
    check_examples(page, tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_it_prints(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    monkeypatch.chdir(path.parent)
    known: dict[str, object] = {"__name__": "__main__"}
    assert len(cells) >= 3
    for cell in cells:
        exec(compile("".join(cell["source"]), path.name, "exec"), known)
        shown = "".join("".join(output["text"]) for output in cell["outputs"])
        assert capsys.readouterr().out == shown


def test_every_part_has_a_notebook_and_every_library_a_citation() -> None:
    # further notebooks of a part have its name and an underscore
    assert {path.stem.partition("_")[0] for path in EXAMPLES} == {*PARTS, *SMALLER}
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    for part, package in PARTS.items():
        assert f"{package}" in citation, part
