"""Citations of an indicator: a sentence, BibTeX and RIS."""

from __future__ import annotations

import re

from babel import Locale

from kerege.publishing.site.files.figure_file import LICENCE_NAME, FigureFile, clean
from kerege.publishing.site.files.file_words import get_words

BIBTEX_KIND = "application/x-bibtex; charset=utf-8"
RIS_KIND = "application/x-research-info-systems; charset=utf-8"
_TEX = {char: f"\\{char}" for char in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def sentence(figure: FigureFile) -> str:
    """Return the citation as a sentence: publisher, day, title, release, address, hash."""
    words = get_words(figure.lang)
    parts = [figure.publisher, _title(figure)]
    if figure.releases:
        newest = figure.releases[0]
        parts.insert(1, words.day(newest.day))
        parts.append(f"{newest.title} (SHA-256 {newest.digest[:16]})")
    return ". ".join(clean(part).rstrip(".") for part in [*parts, figure.address]) + "."


def _title(figure: FigureFile) -> str:
    words = get_words(figure.lang)["marks"]
    marks = [words["estimated"]] if figure.kind == "estimated" else []
    marks += [words["invented_short"]] if figure.invented else []
    return f"{figure.title} ({', '.join(marks)})" if marks else figure.title


def write_bibtex(figure: FigureFile) -> bytes:
    """Return the citation for BibTeX and BibLaTeX."""
    fields = {
        "author": f"{{{_tex(figure.publisher)}}}",
        "title": f"{{{_tex(_title(figure))}}}",
        "year": str(figure.day.year) if figure.day else "",
        "date": figure.day.isoformat() if figure.day else "",
        "version": _tex(figure.releases[0].name) if figure.releases else "",
        "publisher": _tex(figure.publisher),
        "url": figure.address,
        "note": _tex(f"{LICENCE_NAME}, SHA-256 {figure.releases[0].digest}") if figure.releases else LICENCE_NAME,
        "langid": (Locale.parse(figure.lang, sep="-").get_language_name("en") or figure.lang).lower(),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@dataset{{{figure.name},", *lines, "}", ""]).encode()


def _tex(text: str) -> str:
    """Return a text in which no character is a command."""
    return "".join(_TEX.get(char, char) for char in clean(text))


def write_ris(figure: FigureFile) -> bytes:
    """Return the citation in the RIS format."""
    day = figure.day
    lines = [
        ("TY", "DATA"),
        ("ID", figure.name),
        ("AU", figure.publisher),
        ("TI", _title(figure)),
        ("PB", figure.publisher),
        ("PY", str(day.year) if day else ""),
        ("DA", day.strftime("%Y/%m/%d") if day else ""),
        ("ET", figure.releases[0].name if figure.releases else ""),
        ("UR", figure.address),
        ("LA", figure.lang),
        ("N1", figure.level),
        ("C1", LICENCE_NAME),
        ("ER", ""),
    ]
    kept = [f"{tag}  - {_one_line(text)}" for tag, text in lines if text or tag == "ER"]
    return ("\r\n".join(kept) + "\r\n").encode()


def _one_line(text: str) -> str:
    """Return a text that cannot begin a new tag."""
    return re.sub(r"\s+", " ", clean(text))
