"""Names of further languages in pairs, and whether a model would see one name."""

from __future__ import annotations

import csv
from pathlib import Path

from kerege.linkage.input.person_fields import Row, family_columns, given_columns

# pairs (language, field, one, other, same) that were written before the rules for these languages
SETS = ("held_back_names.csv", "held_back_names_2.csv")


def read_pairs(name: str) -> list[dict[str, str]]:
    """Return the pairs of one of `SETS`."""
    return list(csv.DictReader((Path(__file__).parent / "data" / name).read_text("utf-8").splitlines()))


def agrees(field: str, one: str, other: str) -> bool:
    """Return whether a model would see the same name, a short form of it, or nearly the same name."""
    columns = given_columns if field == "given" else family_columns
    left, right = columns(one), columns(other)
    return (
        left[field] == right[field]
        or bool(set(_forms(left, field)) & set(_forms(right, field)))
        or (left[f"{field}_key"] == right[f"{field}_key"] and not _are_two_known_names(left, right, field))
    )


def _forms(row: Row, field: str) -> list[str]:
    forms = row[f"{field}_forms"]
    return forms if isinstance(forms, list) else []


def _are_two_known_names(left: Row, right: Row, field: str) -> bool:
    one, other = left[f"{field}_known"], right[f"{field}_known"]
    return None not in (one, other) and one != other
