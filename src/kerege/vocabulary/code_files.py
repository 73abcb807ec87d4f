"""Files of code lists: `data/codes` of Kerege, `lists` and `labels` of the country's pack."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from kerege.vocabulary.pack import Pack, active_pack

_DATA = files("kerege.vocabulary") / "data"


def read_csv(path: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file under `data`."""
    return _rows(_DATA.joinpath(path).read_text(encoding="utf-8"))


def read_pack_csv(path: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of the country's pack; [] if it has no such file."""
    pack = active_pack()
    return _rows(pack.read_text(path)) if pack.has(path) else []


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a code list: those of Kerege, then those of the country's pack."""
    return [*read_base(name), *read_pack_csv(f"lists/{name}.csv")]


def read_base(name: str) -> list[dict[str, str]]:
    """Return the rows of a code list that Kerege has in every country."""
    path = f"codes/{name}.csv"
    return read_csv(path) if _DATA.joinpath(path).is_file() else []


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


@cache
def declared() -> dict[str, dict[str, str]]:
    """Return the rows of `data/lists.csv` by the name of the list."""
    return {row["name"]: row for row in read_csv("lists.csv")}


@cache
def further_labels(pack: Pack) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the labels that a pack adds, by list, code and language."""
    labels: dict[str, dict[str, dict[str, str]]] = {}
    for file in pack.names("labels"):
        for row in _rows(pack.read_text(f"labels/{file}")):
            by_code = labels.setdefault(row["list"], {})
            by_code.setdefault(row["code"], {})[file.removesuffix(".csv")] = row["label"]
    return labels


def split_codes(text: str) -> list[str]:
    """Return the codes of a cell, which are separated by `;`.

    Examples
    --------
    >>> split_codes("35; 43"), split_codes("")
    (['35', '43'], [])
    """
    return [code for part in text.split(";") if (code := part.strip())]
