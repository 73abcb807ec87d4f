"""Texts of src in three languages: the catalogues, files of data, and sentences in Python."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

CATALOGUES = ("ru", "kk")
LANGUAGES = ("en", *CATALOGUES)
CYRILLIC = re.compile(r"[а-яё]{3}", re.IGNORECASE)
KAZAKH = re.compile(r"[әғқңөұүһі]", re.IGNORECASE)  # letters that Russian does not have
PO_TEXT = re.compile(r'^msgstr(?:\[\d\])? "(.*)"$|^"(.*)"$')
Translation = tuple[str, str, int, str]  # language, path, line, text


def list_translations(root: Path) -> Iterator[Translation]:
    """Yield every translated text of the catalogues and of the files of data."""
    for language in CATALOGUES:
        for path in sorted((root / "src").rglob(f"locale/{language}/LC_MESSAGES/*.po")):
            for line, text in list_catalogue_texts(path.read_text(encoding="utf-8")):
                yield language, path.relative_to(root).as_posix(), line, text
    for path in sorted((root / "src").rglob("*.toml")):
        yield from list_toml_texts(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
    for path in sorted((root / "src").rglob("*.csv")):
        yield from list_csv_texts(path.relative_to(root).as_posix(), path)


def list_catalogue_texts(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line's number and the text of each msgstr of a PO file."""
    start, parts = 0, []
    for number, line in enumerate([*text.splitlines(), ""], 1):
        match = PO_TEXT.match(line)
        if match and match[1] is not None:
            if start:
                yield start, "".join(parts)
            start, parts = number, [match[1]]
        elif match and start:
            parts.append(match[2])
        elif start:
            yield start, "".join(parts)
            start, parts = 0, []


def list_toml_texts(path: str, text: str) -> Iterator[Translation]:
    """Yield the texts of a TOML file below the key of a language, or all where its name ends with one."""
    ending = re.split(r"[._]", Path(path).stem)[-1]
    waiting: list[tuple[str, object]] = [(ending if ending in LANGUAGES else "", tomllib.loads(text))]
    while waiting:
        language, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(key if key in LANGUAGES else language, below) for key, below in value.items()]
        elif isinstance(value, list):
            waiting += [(language, below) for below in value]
        elif isinstance(value, str) and language:
            position = text.find(value.split("\n")[0])
            yield language, path, text.count("\n", 0, max(position, 0)) + 1, value


def list_csv_texts(path: str, file: Path) -> Iterator[Translation]:
    """Yield the columns of a CSV file that are named by a language."""
    with file.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            for language in LANGUAGES:
                if row.get(language):
                    yield language, path, number, row[language]


def guess_language(text: str) -> str:
    """Return the language of a sentence in Python code, or an empty text where it is not Cyrillic."""
    if not CYRILLIC.search(text):
        return ""
    return "kk" if KAZAKH.search(text) else "ru"
