"""SQL terms in the conditions of a linkage model: parser and similarity functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sqlglot
from rapidfuzz.distance import OSA, DamerauLevenshtein, Jaro, JaroWinkler, Levenshtein
from sqlglot import exp

from kerege.base.errors import BadInput, Fault

WIDEST = 8  # most list elements in a comparison: of more documents or telephones only the first count
Similar = Callable[..., float]
SIMILARITIES: dict[str, tuple[Similar, float]] = {
    # function, and its value for equal texts
    "jaro_winkler_similarity": (JaroWinkler.similarity, 1.0),
    "jaro_winkler": (JaroWinkler.similarity, 1.0),
    "jaro_similarity": (Jaro.similarity, 1.0),
    "levenshtein": (Levenshtein.distance, 0.0),
    "damerau_levenshtein": (DamerauLevenshtein.distance, 0.0),
    "osa": (OSA.distance, 0.0),
}


@lru_cache(maxsize=1024)
def parse_condition(condition: str) -> exp.Expr:
    """Return the syntax tree of an SQL condition in DuckDB's dialect; raises BadInput for invalid SQL."""
    try:
        return sqlglot.parse_one(condition, read="duckdb")
    except sqlglot.errors.SqlglotError as wrong:
        raise unsupported_term("this SQL") from wrong


def similarity_of(tree: exp.Expr) -> tuple[str, exp.Expr, exp.Expr]:
    """Return the name of a similarity function in `SIMILARITIES` and its two arguments."""
    name = tree.sql(dialect="duckdb").split("(")[0].lower()
    if name not in SIMILARITIES:
        raise unsupported_term(name)
    first, second = tree.expressions if isinstance(tree, exp.Anonymous) else (tree.this, tree.expression)
    return name, first, second


def intersected_lists(size: exp.ArraySize) -> tuple[exp.Expr, exp.Expr]:
    """Return the two lists whose intersection is counted."""
    tree = size.this
    if not (isinstance(tree, exp.Anonymous) and tree.name.lower() in ("list_intersect", "array_intersect")):
        raise unsupported_term(tree.sql())
    left, right = tree.expressions
    return left, right


def unsupported_term(term: str) -> BadInput:
    """Return the error for a condition that uses an unsupported term."""
    todo = "see docs/reference/linkage.md"
    return BadInput(Fault(f"a condition of the model needs {term}, which is not supported", todo))
