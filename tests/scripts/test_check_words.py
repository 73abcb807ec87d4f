"""A fault planted in a temporary tree is found, and the stored counts only fall."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from check_words import COUNTS, RULES, find_all, main, read_counts, read_rules  # noqa: E402

MODULE = "src/kerege/people.py"
NOTEBOOK = """{"cells": [
{"cell_type": "markdown",
 "source": [
  "found = 2"
 ]},
{"cell_type": "code",
 "source": [
  "found = 2"
 ]}
]}
"""
RULE = '[she]\nfind = ["she", "hers?"]\nuse = "they, the person"\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a source tree without a finding, its counts stored."""
    write(tmp_path, RULES.as_posix(), RULE)
    write(tmp_path, MODULE, '"""People of a register."""\n')
    assert main(["--write"], tmp_path) == 0
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "text", "line", "measure"),
    [
        (MODULE, '"""People.\n\nA person and her case.\n"""\n', 3, "words.she.docstrings"),
        (MODULE, "count = 1  # She waits.\n", 1, "words.she.comments"),
        (MODULE, 'title = _("Her case")\n', 1, "words.she.messages"),
        ("src/kerege/templates/a.html", '<p>\n{% translate "Her case" %}', 2, "words.she.messages"),
        (
            "src/kerege/templates/a.html",
            "{% blocktranslate %}\nHer case{% endblocktranslate %}",
            2,
            "words.she.messages",
        ),
        ("src/kerege/templates/a.html", "{# her case #}", 1, "words.she.comments"),
        ("docs/page.md", "# Page\n\n```\nher\n```\nThe case is hers.\n", 6, "words.she.docs"),
        (MODULE, '"""' + "x" * 101 + '"""\n', 1, "sources.long_first_lines"),
        (MODULE, '"""Of an index: nothing."""\n', 1, "sources.riddle_first_words"),
        ("src/kerege/utils.py", "", 1, "sources.vague_modules"),
        (MODULE, "call(1, 2, 3, *four, 5, 6)\n", 1, "sources.positional_calls"),
        (MODULE, "def read():\n    import json\n", 2, "sources.local_imports"),
        (MODULE, "value: dict[str, Any] = {}\n", 1, "sources.any_lines"),
        (MODULE, f"value = [1,2]  # {'fmt'}: skip\n", 1, "sources.format_skips"),
        ("tests/test_people.py", "for each in []:\n    pass\n", 1, "sources.vague_variables"),
        (MODULE, "def read(told): ...\n", 1, "sources.vague_variables"),
        ("scripts/people.py", "wanted = 1\n", 1, "sources.vague_variables"),
        ("benchmarks/people.py", "names = [found for found in []]\n", 1, "sources.vague_variables"),
        ("src/kerege/templates/a.html", "<p>\n{% for case, each in cases %}", 2, "sources.vague_variables"),
        ("examples/a.ipynb", NOTEBOOK, 8, "sources.vague_variables"),
        (
            "examples/a.ipynb",
            NOTEBOOK.replace("found = 2", "Her case", 1).replace("found", "case"),
            4,
            "words.she.docs",
        ),
        ("CHANGELOG.md", "Her case.\n", 1, "words.she.docs"),
        ("benchmarks/README.md", "Her case.\n", 1, "words.she.docs"),
        ("docs/page.md", "Text.\n\n- " + "word " * 20 + "word\n", 3, "sources.markdown_lines"),
        ("docs/page.md", "The `kerege\nlink` command.\n", 1, "sources.markdown_lines"),
        ("src/kerege/templates/a.html", "{% url 'case' as told %}", 1, "sources.vague_variables"),
        ("src/kerege/templates/a.html", '{% include "b.html" with found=case %}', 1, "sources.vague_variables"),
        ("tests/core/test_people.py", "", 1, "sources.unmirrored_tests"),
        ("tests/test_person.py", "", 1, "sources.unmirrored_tests"),
    ],
)
def test_a_planted_fault_is_found(
    tree: Path, capsys: pytest.CaptureFixture[str], path: str, text: str, line: int, measure: str
) -> None:
    write(tree, path, text)
    assert [finding.measure for finding in find_all(tree)] == [measure]
    assert main([], tree) == 1
    assert f"{path}:{line}: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (MODULE, '"""Reads `her` from the file."""\n'),
        (MODULE, 'name = "her"\n'),
        (MODULE, '"""The others gather here."""\n'),
        (MODULE, "call(1, 2, 3, 4, 5, six=6)\n"),
        (MODULE, "print(each)\n"),
        ("src/kerege/templates/a.html", "{% for case in said %}{{ each }}{% endfor %}"),
        ("src/kerege/templates/a.html", "{% url 'case' 'told=1' as address %}"),
        ("docs/page.md", "| " + "word " * 20 + "|\n"),
        ("docs/page.md", "```\n" + "word " * 21 + "\n```\n"),
        ("docs/page.md", "Text.\n\n    " + "word " * 21 + "\n"),
        ("docs/page.md", "- [Text](" + "w" * 100 + ")\n"),
        ("docs/page.md", "Run `her` in [the shell](her).\n"),
        ("tests/test_people.py", "def read():\n    import json\n"),
        ("tests/test_people_names.py", ""),
        ("tests/safety/test_person.py", ""),
        ("src/kerege/migrations/0001.py", "call(1, 2, 3, 4, 5, 6)\n"),
    ],
)
def test_what_is_no_fault_passes(tree: Path, path: str, text: str) -> None:
    write(tree, path, text)
    assert main([], tree) == 0


def test_the_test_of_a_test_helper_stands_beside_it(tree: Path) -> None:
    write(tree, "tests/core/test_oracle.py", "")
    assert [finding.measure for finding in find_all(tree)] == ["sources.unmirrored_tests"]
    write(tree, "tests/core/oracle.py", "")
    assert main([], tree) == 0


def test_a_sentence_names_the_term_to_use(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tree, "docs/page.md", "She waits.\n")
    main([], tree)
    assert 'docs/page.md:1: "she" in docs; use: they, the person' in capsys.readouterr().out


def test_a_public_class_name_belongs_to_one_module(tree: Path) -> None:
    write(tree, "src/kerege/a.py", "class Row: ...\nclass _Own: ...\n")
    write(tree, "src/kerege/b.py", "class Row: ...\nclass _Own: ...\n")
    assert [finding.measure for finding in find_all(tree)] == ["sources.repeated_classes"]


def test_counts_only_fall(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = (tree / COUNTS).read_text("utf-8").replace("any_lines = 0", "any_lines = 2")
    write(tree, COUNTS.as_posix(), stored)
    write(tree, MODULE, "value: Any = 1\n")
    assert main([], tree) == 1, "fewer than stored: the number has to be lowered"
    assert "lower the number in scripts/counts.toml to 1" in capsys.readouterr().out
    assert main(["--write"], tree) == 0
    write(tree, MODULE, "value: Any = 1\nother: Any = 1\n")
    assert main(["--write"], tree) == 1, "more than stored: nothing raises the number"
    assert read_counts(tree / COUNTS)["sources.any_lines"] == 1


def test_a_new_word_starts_with_what_is_left(tree: Path) -> None:
    write(tree, "docs/page.md", "Whoever waits.\n")
    write(tree, RULES.as_posix(), RULE + '[whoever]\nfind = ["whoever"]\nuse = "the actor"\n')
    assert main([], tree) == 1
    assert main(["--write"], tree) == 0
    assert read_counts(tree / COUNTS)["words.whoever.docs"] == 1


def test_an_exception_needs_a_reason(tree: Path) -> None:
    write(tree, "docs/page.md", "She waits.\n")
    write(tree, RULES.as_posix(), RULE + 'except."docs/*" = "a quotation"\n')
    assert main([], tree) == 0
    write(tree, RULES.as_posix(), RULE + 'except."docs/*" = ""\n')
    with pytest.raises(ValueError, match="reason"):
        read_rules(tree / RULES)
