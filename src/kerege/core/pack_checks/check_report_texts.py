"""Checks of the public texts in further languages: the sentences and holes of the English text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files

from kerege.base.errors import Fault
from kerege.base.message_text import listed, shown
from kerege.vocabulary.pack import Pack
from kerege.vocabulary.profile import parse_toml

# folder of the pack -> the English text that it translates: the report, the public site, its files
SOURCES = {
    "report": "publishing/report/text/en.toml",
    "site": "publishing/site/text/en.toml",
    "site-files": "publishing/site/files/text/en.toml",
}
HOLE = re.compile(r"\{(\w+)(?::\w+)?\}")
# holes with a value in every report: a language may use them or not
NAMES = {"country", "main_source", "other_source", "threshold", "threshold_less"}
FORMS = "nouns"  # each language has plural forms of its own; `other` is needed


def check_report_texts(pack: Pack) -> Iterator[Fault]:
    """Yield the faults of every file under `report`, `site` and `site-files`."""
    for folder, source in SOURCES.items():
        for name in pack.names(folder):
            yield from _file_faults(pack, f"{folder}/{name}", source)


def _file_faults(pack: Pack, path: str, source: str) -> Iterator[Fault]:
    english = parse_toml((files("kerege") / source).read_text(encoding="utf-8"), source)
    for fault in _faults(english, parse_toml(pack.read_text(path), path), ""):
        yield Fault(fault.what, fault.todo, path)


def _faults(english: object, text: object, place: str) -> Iterator[Fault]:
    if isinstance(english, Mapping):
        yield from _table_faults(english, text, place)
    elif isinstance(english, list):
        yield from _list_faults(english, text, place)
    elif not isinstance(text, type(english)) or (text == "" and english):
        yield Fault(f"{place} is missing or empty", "write it")
    elif extra := _holes(str(text)) - _holes(str(english)) - NAMES:
        yield Fault(f"{place} has a hole that the English sentence has not: {listed(sorted(extra))}", "remove it")
    elif "<" in str(text) and "<" not in str(english):
        yield Fault(f"{place} has a tag", "remove it")


def _table_faults(english: Mapping[str, object], text: object, place: str) -> Iterator[Fault]:
    given = text if isinstance(text, Mapping) else {}
    if place.startswith(f"{FORMS}."):
        if not str(given.get("other", "")).strip():
            yield Fault(f"{place} has no form `other`", "write it")
        return
    for name in english:
        yield from _faults(english[name], given.get(name), f"{place}.{name}".lstrip("."))
    for name in given.keys() - english.keys() if place != FORMS else ():
        yield Fault(f"{shown(f'{place}.{name}'.lstrip('.'))} is no text of this file", "remove it")


def _list_faults(english: list[object], text: object, place: str) -> Iterator[Fault]:
    given = text if isinstance(text, list) else []
    if len(given) != len(english):
        yield Fault(f"{place} has {len(given)} sentences, the English text {len(english)}", "write all of them")
        return
    for number, (one, other) in enumerate(zip(english, given, strict=True), 1):
        yield from _faults(one, other, f"{place}[{number}]")


def _holes(text: str) -> set[str]:
    return set(HOLE.findall(text))
