#!/usr/bin/env python3
"""Read the glossary: its page for readers, and the words that `check_words` refuses.

    .venv/bin/python scripts/glossary.py
The terms are in docs/reference/glossary.toml. A test fails when docs/reference/glossary.md is not current.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

GLOSSARY = Path("docs/reference/glossary.toml")
PAGE = Path("docs/reference/glossary.md")
LANGUAGES = ("en", "ru", "kk")
INTRODUCTION = """# Glossary

These are the terms of the code, the pages and the documentation, with their Russian and Kazakh
words. The last column names the words that a term replaces. `make lint` refuses these words in
docstrings, comments, messages, documents and translations, with any ending for "…".

† Wording to be confirmed by a lawyer. The terms of national law replace the words of this list
where they differ. A native reader still checks the other Russian and Kazakh words once.

`scripts/glossary.py` writes this page from `docs/reference/glossary.toml`.
"""
HEAD = "| term | definition | Russian | Kazakh | instead of |\n|---|---|---|---|---|"


@dataclass(frozen=True)
class Phrase:
    """A replaced word: as the page shows it, and the expression that finds it."""

    shown: str
    expression: str


@dataclass(frozen=True)
class Term:
    """A term, its definition, its Russian and Kazakh words, and the phrases that it replaces."""

    name: str
    section: str
    means: str
    words: dict[str, str]
    replaced: dict[str, tuple[Phrase, ...]]
    only: tuple[str, ...] = field(default=())
    exceptions: tuple[str, ...] = field(default=())

    def applies(self, path: str) -> bool:
        """Check whether the replaced English words are refused in this file."""
        is_listed = not self.only or any(fnmatch(path, pattern) for pattern in self.only)
        return is_listed and not any(fnmatch(path, pattern) for pattern in self.exceptions)


@dataclass(frozen=True)
class Rule:
    """The expression of the phrases that a term replaces in a language."""

    term: Term
    language: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return the expression that finds every phrase in a text of small letters."""
        return compile_phrases(phrase.expression for phrase in self.term.replaced[self.language])

    @property
    def advice(self) -> str:
        """Return the term to use."""
        return self.term.words.get(self.language, self.term.name).replace(" †", "")


def compile_phrases(expressions: Iterable[str]) -> re.Pattern[str]:
    """Return one expression for whole words; a space matches any white space."""
    return re.compile(rf"(?<![\w-])(?:{'|'.join(expressions)})(?![\w-])".replace(" ", r"\s+"))


def read_terms(path: Path) -> list[Term]:
    """Read the glossary; an exception without a reason is an error."""
    terms = []
    for section, entries in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for name, entry in entries.items():
            limits = {**entry.get("only", {}), **entry.get("except", {})}
            if bare := [pattern for pattern, reason in limits.items() if not reason.strip()]:
                raise ValueError(f"{path.name}: [{name}] gives no reason for {bare[0]}")
            replaced = {
                language: tuple(map(read_phrase, entry.get("instead_of", {}).get(language, ())))
                for language in LANGUAGES
            }
            words = {language: entry[language] for language in LANGUAGES if language in entry}
            only, exceptions = tuple(entry.get("only", ())), tuple(entry.get("except", ()))
            terms.append(Term(name, section, entry["means"], words, replaced, only=only, exceptions=exceptions))
    return terms


def read_phrase(text: str) -> Phrase:
    """Return a phrase: `*` is any ending, and ` = ` comes before a regular expression.

    >>> read_phrase("hypercube = hypercubes?")
    Phrase(shown='hypercube', expression='hypercubes?')
    """
    shown, _, expression = text.partition(" = ")
    ending = "" if shown.isascii() else "…"  # an English word is whole without its ending
    return Phrase(shown.replace("*", ending), expression or shown.replace("*", r"\w*"))


def list_rules(terms: Iterable[Term], language: str) -> list[Rule]:
    """Return a rule for each term that replaces words of the language."""
    return [Rule(term, language) for term in terms if term.replaced[language]]


def write_page(terms: Iterable[Term]) -> str:
    """Return the page for readers."""
    return "\n".join(_list_lines(terms)) + "\n"


def _list_lines(terms: Iterable[Term]) -> Iterator[str]:
    yield INTRODUCTION.rstrip("\n")
    section = ""
    for term in terms:
        if term.section != section:
            section = term.section
            yield f"\n## {section}\n\n{HEAD}"
        replaced = "; ".join(
            ", ".join(phrase.shown for phrase in term.replaced[language])
            for language in LANGUAGES
            if term.replaced[language]
        )
        cells = [term.name, term.means, term.words.get("ru", ""), term.words.get("kk", ""), replaced]
        yield "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    (root / PAGE).write_text(write_page(read_terms(root / GLOSSARY)), encoding="utf-8")
    sys.exit(0)
