"""A fault planted in a temporary tree is found, and the stored counts only fall."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from check_words import COUNTS, find_all, main, read_counts  # noqa: E402
from glossary import GLOSSARY, LANGUAGES, PAGE, list_rules, read_terms, write_page  # noqa: E402

MODULE = "src/kerege/people.py"
PO_RU, PO_KK = (f"src/kerege/web/locale/{language}/LC_MESSAGES/django.po" for language in ("ru", "kk"))
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
RULE = """
["Plain writing"."they, the person"]
means = "a person"
ru = "человек"
kk = "адам"
instead_of.en = ["she = she|hers?"]
instead_of.ru = ["особ*"]
instead_of.kk = ["пенде*"]
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a source tree without a finding, its counts stored."""
    write(tmp_path, GLOSSARY.as_posix(), RULE)
    (tmp_path / COUNTS).parent.mkdir()
    write(tmp_path, MODULE, '"""People of a register."""\n')
    assert main(["--write"], tmp_path) == 0
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "text", "line", "measure"),
    [
        (MODULE, '"""People.\n\nA person and her case.\n"""\n', 3, "words.docstrings"),
        (MODULE, "count = 1  # She waits.\n", 1, "words.comments"),
        (MODULE, 'title = _("Her case")\n', 1, "words.messages"),
        ("src/kerege/templates/a.html", '<p>\n{% translate "Her case" %}', 2, "words.messages"),
        (
            "src/kerege/templates/a.html",
            "{% blocktranslate %}\nHer case{% endblocktranslate %}",
            2,
            "words.messages",
        ),
        ("src/kerege/templates/a.html", "{# her case #}", 1, "words.comments"),
        ("docs/page.md", "# Page\n\n```\nher\n```\nThe case is hers.\n", 6, "words.docs"),
        (PO_RU, 'msgid "A"\nmsgstr ""\n"Эта "\n"особа"\n', 2, "words.translations"),
        (PO_KK, 'msgid "A"\nmsgstr[0] "Пендеге"\n', 2, "words.translations"),
        ("src/kerege/text/ru.toml", 'title = "A"\nsubtitle = "Особа"\n', 2, "words.translations"),
        ("src/kerege/text.toml", '[ask]\nkk = "Пенде"\nru = "Пенде"\n', 2, "words.translations"),
        ("src/kerege/codes.csv", "code,kk,ru,en\na,Пенде,Лицо,Person\n", 2, "words.translations"),
        (MODULE, 'TITLE = "Это одна особа"\n', 1, "words.strings"),
        ("docs/page.md", "- her\n", 1, "words.docs"),
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
            "words.docs",
        ),
        ("CHANGELOG.md", "Her case.\n", 1, "words.docs"),
        ("benchmarks/README.md", "Her case.\n", 1, "words.docs"),
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
        (PO_RU, 'msgid "Особа"\nmsgstr "Пенде"\n'),
        ("docs/reference/glossary.md", "Not: her.\n"),
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


def test_a_new_word_of_the_glossary_may_have_no_hits(tree: Path) -> None:
    write(tree, "docs/page.md", "Whoever waits.\n")
    write(tree, GLOSSARY.as_posix(), RULE.replace("hers?", "hers?|whoever"))
    assert main([], tree) == 1
    assert main(["--write"], tree) == 1
    assert read_counts(tree / COUNTS)["words.docs"] == 0


def test_an_exception_needs_a_reason(tree: Path) -> None:
    write(tree, "docs/page.md", "She waits.\n")
    write(tree, GLOSSARY.as_posix(), RULE + 'except."docs/*" = "a quotation"\n')
    assert main([], tree) == 0
    write(tree, GLOSSARY.as_posix(), RULE + 'except."docs/*" = ""\n')
    with pytest.raises(ValueError, match="reason"):
        read_terms(tree / GLOSSARY)


def test_a_rule_for_some_files_leaves_the_others(tree: Path) -> None:
    write(tree, GLOSSARY.as_posix(), RULE + 'only."docs/*" = "code quotes them"\n')
    write(tree, MODULE, '"""Her case."""\n')
    assert main([], tree) == 0
    write(tree, "docs/page.md", "Her case.\n")
    assert main([], tree) == 1


def test_the_page_of_the_glossary_is_current() -> None:
    terms = read_terms(ROOT / GLOSSARY)
    assert (ROOT / PAGE).read_text("utf-8") == write_page(terms), "run scripts/glossary.py"


def test_every_term_names_words_of_three_languages() -> None:
    """Words of style have no translation; synthetic records have no other English word but one."""
    for term in read_terms(ROOT / GLOSSARY):
        if term.words:
            assert set(term.words) == {"ru", "kk"}, term.name
            assert all(term.replaced.values()), term.name


def test_no_term_is_a_word_that_another_one_replaces() -> None:
    terms = read_terms(ROOT / GLOSSARY)
    for language in LANGUAGES:
        names = [(term.words if term.words else {"en": term.name}) | {"en": term.name} for term in terms]
        for rule in list_rules(terms, language):
            for words in names:
                assert not rule.pattern.search(words.get(language, "").lower()), (rule.term.name, words)
