"""Forms of names by the tables of this process: `python -m kerege.linkage.names < names.json`.

Input and output are JSON. The output holds for each name its fold, the folds of its full forms, whether the fold
of its fold is the same, and for each language the folds of its known names. A check of further tables compares two
such outputs.
"""

from __future__ import annotations

import json
import sys

from kerege.linkage.names.folding import fold
from kerege.linkage.names.name_parts import diminutives
from kerege.linkage.names.rule_tables import rows


def list_known_folds() -> dict[str, list[str]]:
    """Return the folds of the known names by language."""
    known: dict[str, set[str]] = {}
    for table in ("given.csv", "common.csv"):
        for row in rows(table):
            known.setdefault(row["language"], set()).add(fold(row["name"]))
    return {language: sorted(folds) for language, folds in known.items()}


def main() -> None:
    """Print the forms of the names on standard input."""
    names = json.load(sys.stdin)
    folds = [fold(name) for name in names]
    forms = [sorted({folded, *diminutives(folded)}) for folded in folds]
    again = [fold(folded) == folded for folded in folds]
    print(json.dumps({"folds": folds, "forms": forms, "again": again, "known": list_known_folds()}))


if __name__ == "__main__":
    main()
