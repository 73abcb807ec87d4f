#!/usr/bin/env python3
"""Check words, sentences and names against the glossary and the writing rules.

`--write` lowers the stored numbers; `--list [measure]` prints every finding that is left.
The words to avoid are those that a term of docs/reference/glossary.toml replaces. scripts/counts.toml holds how many
findings are left; no number may rise.
"""

from __future__ import annotations

import ast
import gc
import re
import subprocess
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from glossary import GLOSSARY, LANGUAGES, PAGE, Rule, compile_phrases, list_rules, read_terms
from source_measures import (
    MEASURES,
    Finding,
    PublicClass,
    Source,
    find_repeated_classes,
    find_unmirrored_tests,
    list_cells,
    list_docstrings,
    list_public_classes,
    measure_source,
    measure_template,
    parse_notebook,
    parse_source,
)
from translated_texts import guess_language, list_translations
from wrap_markdown import find_long_lines

ROOT = Path(__file__).resolve().parent.parent
COUNTS = Path("scripts/counts.toml")
FOLDERS = ("src", "tests", "scripts", "benchmarks")
PAGES = ("docs", "benchmarks", "examples", "tests")  # folders with Markdown
NOTEBOOKS = "examples"
KINDS = ("docstrings", "comments", "messages", "strings", "docs", "translations")
SHOWN_MOST = 10
SENTENCE_SPACES = 2  # a string with fewer spaces is a name or a key
Counts = dict[str, int]  # findings by measure
GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
TEMPLATE_COMMENT = re.compile(r"\{#.*?#\}|\{% *comment\b.*?\{% *endcomment *%\}", re.DOTALL)
TEMPLATE_MESSAGES = (
    re.compile(r"\{% *blocktrans(?:late)?\b[^%]*%\}(.*?)\{% *endblocktrans", re.DOTALL),
    re.compile(r"\{% *trans(?:late)? +(\"[^\"]*\"|'[^']*')"),
    re.compile(r"\b_\((\"[^\"]*\"|'[^']*')"),
)
TEMPLATE_VARIABLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", re.DOTALL)
CODE_BLOCK = re.compile(r"^( *)(```|~~~).*?^\1\2", re.DOTALL | re.MULTILINE)
CODE_SPAN = re.compile(r"(`+)[^`]+?\1")
LINK_TARGET = re.compile(r"\]\([^)\s]*\)")


@dataclass(frozen=True)
class Text:
    """A piece of prose with the line it begins on."""

    kind: str
    path: str
    line: int
    content: str
    language: str = "en"


@dataclass(frozen=True)
class WordList:
    """The rules of a language, and one expression that finds every phrase of them."""

    rules: list[Rule]
    any_phrase: re.Pattern[str]


def read_word_lists(path: Path) -> dict[str, WordList]:
    """Read the replaced words of the glossary by language."""
    terms = read_terms(path)
    return {language: build_word_list(list_rules(terms, language)) for language in LANGUAGES}


def build_word_list(rules: list[Rule]) -> WordList:
    """Return the rules with the expression that finds every phrase, or nothing without rules."""
    expressions = [phrase.expression for rule in rules for phrase in rule.term.replaced[rule.language]]
    return WordList(rules, compile_phrases(expressions or ["(?!)"]))


# -- prose of the tree -------------------------------------------------------------------------------------------------
def list_python_texts(source: Source, any_phrase: re.Pattern[str]) -> Iterator[Text]:
    """Yield docstrings, comments and messages; tokenises only files whose comments can match."""
    for line, content in list_docstrings(source):
        yield Text("docstrings", source.path, line, content)
    if any("#" in line and any_phrase.search(line, line.index("#")) for line in source.text.lower().splitlines()):
        for token in tokenize.generate_tokens(StringIO(source.text).readline):
            if token.type == tokenize.COMMENT:
                yield Text("comments", source.path, token.start[0], token.string)
    if source.folder == "src":
        yield from _list_strings(source)


def _list_strings(source: Source) -> Iterator[Text]:
    """Yield the arguments of gettext as messages, other sentences outside docstrings as strings."""
    messages = {id(argument) for node in source.of_type(ast.Call) if _is_gettext(node) for argument in node.args}
    docstrings = set(list_docstrings(source))
    for node in source.of_type(ast.Constant):
        if isinstance(node.value, str) and id(node) in messages:
            yield Text("messages", source.path, node.lineno, node.value)
        elif (
            isinstance(node.value, str)
            and node.value.count(" ") >= SENTENCE_SPACES
            and (node.lineno, node.value) not in docstrings
        ):
            yield Text("strings", source.path, node.lineno, node.value, guess_language(node.value) or "en")


def _is_gettext(node: ast.Call) -> bool:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return name in GETTEXT


def list_template_texts(path: str, text: str) -> Iterator[Text]:
    """Yield the messages and comments of a Django template."""
    for match in TEMPLATE_COMMENT.finditer(text):
        yield Text("comments", path, _line_of(text, match.start()), match[0])
    for pattern in TEMPLATE_MESSAGES:
        for match in pattern.finditer(text):
            content = _blank(TEMPLATE_VARIABLE, match[1])
            yield Text("messages", path, _line_of(text, match.start(1)), content)


def read_templates(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every Django template."""
    for suffix in ("html", "txt"):
        for path in sorted((root / "src").rglob(f"templates/**/*.{suffix}")):
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def list_other_texts(root: Path) -> Iterator[Text]:
    """Yield the prose of templates, translations, documents and notebooks."""
    for path, text in read_templates(root):
        yield from list_template_texts(path, text)
    for language, path, line, text in list_translations(root):
        yield Text("translations", path, line, text, language)
    for path, text in read_documents(root):
        if path != PAGE.as_posix():  # names the words
            yield Text("docs", path, 1, _blank(LINK_TARGET, _blank(CODE_BLOCK, text)))
    for notebook in sorted((root / NOTEBOOKS).glob("*.ipynb")):
        for line, kind, cell in list_cells(notebook.read_text(encoding="utf-8")):
            if kind == "markdown":
                content = _blank(LINK_TARGET, _blank(CODE_BLOCK, "\n".join(cell)))
                yield Text("docs", notebook.relative_to(root).as_posix(), line, content)


def read_documents(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every Markdown file."""
    for path in sorted([*root.glob("*.md"), *(path for name in PAGES for path in (root / name).rglob("*.md"))]):
        yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """Replace matches by their line breaks, so that line numbers stay."""
    return pattern.sub(lambda match: " " + "\n" * match[0].count("\n"), text)


# -- findings ----------------------------------------------------------------------------------------------------------
def find_words(text: Text, word_lists: dict[str, WordList]) -> Iterator[Finding]:
    """Yield every word of a text that a term replaces; code between backticks is not prose."""
    lowered, words = text.content.lower(), word_lists[text.language]
    if not words.any_phrase.search(lowered):
        return
    content = _blank(CODE_SPAN, lowered)
    for rule in words.rules:
        if text.language == "en" and not rule.term.applies(text.path):
            continue
        for match in rule.pattern.finditer(content):
            line = text.line + content.count("\n", 0, match.start())
            problem = f'"{" ".join(match[0].split())}" in {text.kind}'
            yield Finding(f"words.{text.kind}", text.path, line, problem, f"use: {rule.advice}")


def find_all(root: Path) -> list[Finding]:
    """Return all findings of the tree."""
    word_lists = read_word_lists(root / GLOSSARY)
    findings: list[Finding] = []
    classes: list[PublicClass] = []
    for source in read_sources(root):
        findings += measure_source(source)
        classes += list_public_classes(source)
        for text in list_python_texts(source, word_lists["en"].any_phrase):
            findings += find_words(text, word_lists)
    for path, content in read_templates(root):
        findings += measure_template(path, content)
    for path, content in read_documents(root):
        findings += find_long_lines(path, content)
    for text in list_other_texts(root):
        findings += find_words(text, word_lists)
    return [*findings, *find_repeated_classes(classes), *find_unmirrored_tests(root)]


def read_sources(root: Path) -> Iterator[Source]:
    """Yield every parsed Python file but migrations, and the code of the notebooks."""
    for notebook in sorted((root / NOTEBOOKS).glob("*.ipynb")):
        yield parse_notebook(root, notebook)
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield parse_source(root, path)


# -- counts ------------------------------------------------------------------------------------------------------------
def read_counts(path: Path) -> Counts:
    """Read the stored numbers by measure; a missing file holds none."""
    if not path.exists():
        return {}
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{group}.{name}": number for group, numbers in tree.items() for name, number in numbers.items()}


def write_counts(path: Path, counts: Counts) -> None:
    """Write the numbers by measure."""
    lines = ["# Findings that are left; no number may rise. Written by scripts/check_words.py --write.", "[sources]"]
    lines += [f"{name} = {counts[f'sources.{name}']}" for name in MEASURES]
    lines += ["", "[words]", *(f"{kind} = {counts[f'words.{kind}']}" for kind in KINDS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def count_findings(findings: Iterable[Finding]) -> Counts:
    """Count the findings of every measure, also of those without any."""
    counted = Counter(finding.measure for finding in findings)
    measures = [*(f"sources.{name}" for name in MEASURES), *(f"words.{kind}" for kind in KINDS)]
    return {measure: counted[measure] for measure in measures}


def read_changed_lines(root: Path) -> set[tuple[str, int]]:
    """Return path and line of what differs from the last commit; nothing where git does not answer."""
    command = ["git", "diff", "--unified=0", "--no-color", "--no-ext-diff", "--relative", "HEAD"]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    changed, path = set(), ""
    for line in answer.stdout.splitlines():
        if line.startswith("+++ b/"):
            path = line[6:]
        elif match := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            start, length = int(match[1]), int(match[2] or 1)
            changed |= {(path, number) for number in range(start, start + length)}
    return changed


def list_rises(findings: Sequence[Finding], counts: Counts, stored: Counts, root: Path) -> Iterator[str]:
    """Yield the findings of each measure that rose: those in changed lines, or the first of all."""
    rises = {measure: number for measure, number in counts.items() if number > stored.get(measure, 0)}
    changed = read_changed_lines(root) if rises else set()
    for measure, number in rises.items():
        places = [finding for finding in findings if finding.measure == measure]
        new = [finding for finding in places if (finding.path, finding.line) in changed]
        yield f"{measure}: {number}, at most {stored.get(measure, 0)} allowed"
        yield from (f"  {finding.sentence()}" for finding in (new or places)[:SHOWN_MOST])


def list_falls(counts: Counts, stored: Counts) -> Iterator[str]:
    """Yield one sentence for each number that can be lowered."""
    for measure, number in counts.items():
        if number < stored.get(measure, 0):
            yield f"{measure}: lower the number in {COUNTS} to {number}, or run scripts/check_words.py --write"


def lower_counts(counts: Counts, stored: Counts) -> Counts:
    """Return the numbers to store: a measure that is new as counted, any other never above what is stored."""
    return {measure: min(number, stored.get(measure, number)) for measure, number in counts.items()}


def main(argv: Sequence[str], root: Path = ROOT) -> int:
    """Print new findings and numbers to lower; exit 1 when there are any."""
    findings = find_all(root)
    counts, stored = count_findings(findings), read_counts(root / COUNTS)
    if "--list" in argv:
        beginnings = tuple(argument for argument in argv if not argument.startswith("--")) or ("",)
        for finding in findings:
            if finding.measure.startswith(beginnings):
                print(f"{finding.sentence()} [{finding.measure}]")
        return 0
    if "--write" in argv:
        stored = lower_counts(counts, stored)
        write_counts(root / COUNTS, stored)
    sentences = [*list_rises(findings, counts, stored, root), *list_falls(counts, stored)]
    for sentence in sentences:
        print(sentence)
    totals = Counter(finding.measure.rpartition(".")[2] for finding in findings)
    print(", ".join(f"{totals[name]} {name.replace('_', ' ')}" for name in (*KINDS, *MEASURES)))
    return int(bool(sentences))


if __name__ == "__main__":
    gc.disable()  # a syntax tree has no cycles, and collecting would double the time
    sys.exit(main(sys.argv[1:]))
