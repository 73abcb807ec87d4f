"""Labels of Primero's module on gender-based violence in French and Arabic.

Source: primeroIMS/primero, db/translations/gbv. Names of countries are those of CLDR.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from babel import Locale

from kerege.vocabulary import codes
from kerege.vocabulary.labels import fold_label, labels_of

LANGUAGES = ("fr", "ar")
COUNTRIES = "nationality"


@cache
def _rows() -> list[dict[str, str]]:
    text = (files("kerege.casework.exchange.data") / "primero_labels.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def field_labels() -> Mapping[str, str]:
    """Return the folded labels of fields with the names of the fields."""
    return {fold_label(row["label"]): row["field"] for row in _rows() if not row["code"]}


@cache
def _value_labels() -> Mapping[tuple[str, str], str]:
    labels = {(row["field"], fold_label(row["label"])): row["code"] for row in _rows() if row["code"]}
    known = codes.code_list("country").codes
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in known and fold_label(name) not in labels_of("country"):
                labels.setdefault((COUNTRIES, fold_label(name)), code)
    return labels


def code_of(field: str, label: str) -> str:
    """Return Primero's code of a value that is given by its label; any other text stays as it is."""
    parts = [part.strip() for part in label.split(";")]
    read = [_value_labels().get((field, fold_label(part)), part) for part in parts]
    return ";".join(read)
