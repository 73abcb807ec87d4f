#!/usr/bin/env python3
"""Check words, sentences and names against the writing rules.

`--write` lowers the stored numbers; `--list [measure]` prints every finding that is left.
Forbidden words are in scripts/words.toml. scripts/counts.toml holds how many findings are left; no number may rise.
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
from fnmatch import fnmatch
from functools import cached_property
from io import StringIO
from pathlib import Path

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
from wrap_markdown import find_long_lines

ROOT = Path(__file__).resolve().parent.parent
RULES = Path("scripts/words.toml")
COUNTS = Path("scripts/counts.toml")
FOLDERS = ("src", "tests", "scripts", "benchmarks")
PAGES = ("docs", "benchmarks", "examples", "tests")  # folders with Markdown
NOTEBOOKS = "examples"
KINDS = ("docstrings", "comments", "messages", "strings", "docs")
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
class Rule:
    """Phrases that are not used, and the term in their place."""

    name: str
    phrases: tuple[str, ...]
    term: str
    kinds: tuple[str, ...]
    exceptions: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return the expression that finds every phrase in a text of small letters."""
        return compile_phrases(self.phrases)

    def applies(self, kind: str, path: str) -> bool:
        """Check whether the rule covers texts of this kind in this file."""
        return kind in self.kinds and not any(fnmatch(path, exception) for exception in self.exceptions)


@dataclass(frozen=True)
class Text:
    """A piece of prose with the line it begins on."""

    kind: str
    path: str
    line: int
    content: str


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return one expression for whole words; a space matches any white space."""
    return re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})(?![\w-])".replace(" ", r"\s+"))


def read_rules(path: Path) -> list[Rule]:
    """Read the word list; an exception without a reason is an error."""
    rules = []
    for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        exceptions = entry.get("except", {})
        if bare := [pattern for pattern, reason in exceptions.items() if not reason.strip()]:
            raise ValueError(f"{path.name}: [{name}] gives no reason for the exception of {bare[0]}")
        kinds = tuple(entry.get("kinds", KINDS))
        rules.append(Rule(name, tuple(entry["find"]), entry["use"], kinds, tuple(exceptions)))
    return rules


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
            yield Text("strings", source.path, node.lineno, node.value)


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
    """Yield the prose of templates and documents."""
    for path, text in read_templates(root):
        yield from list_template_texts(path, text)
    for path, text in read_documents(root):
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
def find_words(text: Text, rules: Iterable[Rule], any_phrase: re.Pattern[str]) -> Iterator[Finding]:
    """Yield every forbidden phrase of a text; code between backticks is not prose."""
    lowered = text.content.lower()
    if not any_phrase.search(lowered):
        return
    content = _blank(CODE_SPAN, lowered)
    for rule in rules:
        if rule.applies(text.kind, text.path):
            for match in rule.pattern.finditer(content):
                line = text.line + content.count("\n", 0, match.start())
                phrase = " ".join(match[0].split())
                advice = f"use: {rule.term}"
                yield Finding(f"words.{rule.name}.{text.kind}", text.path, line, f'"{phrase}" in {text.kind}', advice)


def find_all(root: Path) -> list[Finding]:
    """Return all findings of the tree."""
    rules = read_rules(root / RULES)
    any_phrase = compile_phrases(phrase for rule in rules for phrase in rule.phrases)
    findings: list[Finding] = []
    classes: list[PublicClass] = []
    for source in read_sources(root):
        findings += measure_source(source)
        classes += list_public_classes(source)
        for text in list_python_texts(source, any_phrase):
            findings += find_words(text, rules, any_phrase)
    for path, content in read_templates(root):
        findings += measure_template(path, content)
    for path, content in read_documents(root):
        findings += find_long_lines(path, content)
    for text in list_other_texts(root):
        findings += find_words(text, rules, any_phrase)
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
    counts = {f"sources.{name}": number for name, number in tree.get("sources", {}).items()}
    for rule, numbers in tree.get("words", {}).items():
        counts |= {f"words.{rule}.{kind}": number for kind, number in numbers.items()}
    return counts


def write_counts(path: Path, counts: Counts, rules: Iterable[Rule]) -> None:
    """Write the numbers by measure."""
    lines = ["# Findings that are left; no number may rise. Written by scripts/check_words.py --write.", "[sources]"]
    lines += [f"{name} = {counts[f'sources.{name}']}" for name in MEASURES]
    lines += ["", "[words]"]
    for rule in rules:
        numbers = ", ".join(f"{kind} = {counts[f'words.{rule.name}.{kind}']}" for kind in rule.kinds)
        lines.append(f'"{rule.name}" = {{ {numbers} }}')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def count_findings(findings: Iterable[Finding], rules: Iterable[Rule]) -> Counts:
    """Count the findings of every measure, also of those without any."""
    counted = Counter(finding.measure for finding in findings)
    measures = [f"sources.{name}" for name in MEASURES]
    measures += [f"words.{rule.name}.{kind}" for rule in rules for kind in rule.kinds]
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
    rules, findings = read_rules(root / RULES), find_all(root)
    counts, stored = count_findings(findings, rules), read_counts(root / COUNTS)
    if "--list" in argv:
        beginnings = tuple(argument for argument in argv if not argument.startswith("--")) or ("",)
        for finding in findings:
            if finding.measure.startswith(beginnings):
                print(f"{finding.sentence()} [{finding.measure}]")
        return 0
    if "--write" in argv:
        stored = lower_counts(counts, stored)
        write_counts(root / COUNTS, stored, rules)
    sentences = [*list_rises(findings, counts, stored, root), *list_falls(counts, stored)]
    for sentence in sentences:
        print(sentence)
    totals = Counter(finding.measure.rpartition(".")[2] for finding in findings)
    print(", ".join(f"{totals[name]} {name.replace('_', ' ')}" for name in (*KINDS, *MEASURES)))
    return int(bool(sentences))


if __name__ == "__main__":
    gc.disable()  # a syntax tree has no cycles, and collecting would double the time
    sys.exit(main(sys.argv[1:]))
