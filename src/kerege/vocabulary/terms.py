"""Legal terms in three languages (`data/terms.toml`).

A native lawyer has confirmed each term, or it waits for one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kerege.vocabulary.languages import BUILT_IN, Texts

STATUSES = ("unconfirmed", "confirmed")


@dataclass(frozen=True)
class LegalTerm:
    """Labels of a legal term by language, and whether a lawyer has confirmed them."""

    labels: Mapping[str, str]
    confirmed: bool


@cache
def legal_terms() -> Mapping[str, LegalTerm]:
    """Return the terms by name, in the order of the file.

    Raises ValueError for an unknown status or empty label.
    """
    text = (files("kerege.vocabulary") / "data" / "terms.toml").read_text(encoding="utf-8")
    return {name: _term(name, row) for name, row in tomllib.loads(text).items()}


def _term(name: str, row: Mapping[str, str]) -> LegalTerm:
    if row["status"] not in STATUSES or not all(row.get(language) for language in BUILT_IN):
        raise ValueError(f"terms.toml: {name} needs a text in {', '.join(BUILT_IN)} and one of {', '.join(STATUSES)}")
    return LegalTerm(Texts({language: row[language] for language in BUILT_IN}), row["status"] == "confirmed")


def unconfirmed(terms: Iterable[LegalTerm]) -> list[str]:
    """Return the English labels of the terms that wait for a lawyer."""
    return [term.labels["en"] for term in terms if not term.confirmed]
