"""The terms of the conditions of a linkage model: their SQL read, and the measures they name."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sqlglot
from rapidfuzz.distance import OSA, DamerauLevenshtein, Jaro, JaroWinkler, Levenshtein
from sqlglot import exp

from kerege.base.errors import BadInput, Fault

WIDEST = 8  # a person with more documents or telephones than this is compared by the first ones
Similar = Callable[..., float]
SIMILAR: dict[str, tuple[Similar, float]] = {
    # the measure, and what it gives for equal texts
    "jaro_winkler_similarity": (JaroWinkler.similarity, 1.0),
    "jaro_winkler": (JaroWinkler.similarity, 1.0),
    "jaro_similarity": (Jaro.similarity, 1.0),
    "levenshtein": (Levenshtein.distance, 0.0),
    "damerau_levenshtein": (DamerauLevenshtein.distance, 0.0),
    "osa": (OSA.distance, 0.0),
}


@lru_cache(maxsize=1024)
def parsed(condition: str) -> exp.Expr:
    """The tree of an SQL condition in DuckDB's dialect."""
    try:
        return sqlglot.parse_one(condition, read="duckdb")
    except sqlglot.errors.SqlglotError as wrong:
        raise unknown("this SQL") from wrong


def measure_of(tree: exp.Expr) -> tuple[str, exp.Expr, exp.Expr]:
    """The name of a measure in `SIMILAR` and the two texts that it compares."""
    name = tree.sql(dialect="duckdb").split("(")[0].lower()
    if name not in SIMILAR:
        raise unknown(name)
    one, two = tree.expressions if isinstance(tree, exp.Anonymous) else (tree.this, tree.expression)
    return name, one, two


def lists_of(size: exp.ArraySize) -> tuple[exp.Expr, exp.Expr]:
    """The two lists whose common texts are counted."""
    tree = size.this
    if not (isinstance(tree, exp.Anonymous) and tree.name.lower() in ("list_intersect", "array_intersect")):
        raise unknown(tree.sql())
    left, right = tree.expressions
    return left, right


def unknown(what: str) -> BadInput:
    """The fault of a condition that needs what is not known here."""
    todo = "see docs/reference/linkage.md"
    return BadInput(Fault(f"a condition of the model needs {what}, which is not known here", todo))
