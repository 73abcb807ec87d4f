"""Checks of the translations of a pack: they bring no script and no other placeholder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from kerege.base.errors import Fault
from kerege.vocabulary.pack import Pack

HOLE = re.compile(r"%\((\w+)\)([sdif])|%([sdif%])|\{(\w*)\}")
PLURALS = re.compile(r"nplurals=[1-6]; *plural=[n0-9 !=<>&|%()?:+*/-]{1,400};?")
SOURCE = "web/locale/ru/LC_MESSAGES/django.po"  # holds every message of Kerege
CONTEXT = "\x04"


def check_catalogues(pack: Pack) -> Iterator[Fault]:
    """Yield the faults of every catalogue of a pack."""
    for language in languages_of(pack):
        path = f"locale/{language}/django.po"
        try:
            catalogue = _read(pack.read_bytes(path))
        except (PoFileError, ValueError, UnicodeDecodeError, IndexError):
            yield Fault("is not a catalogue of translations", "correct it with a program for PO files", path)
            continue
        if not PLURALS.fullmatch(str(catalogue.mime_headers and _plurals(pack.read_text(path))).strip()):
            yield Fault("has no line Plural-Forms, or one that is no formula", "copy that of the language", path)
            continue
        yield from (Fault(fault.what, fault.todo, path, row) for row, fault in _faults(catalogue))


def languages_of(pack: Pack) -> list[str]:
    """Return the languages of the catalogues of a pack."""
    paths = (pack.folder / "locale").iterdir() if (pack.folder / "locale").is_dir() else ()
    return sorted(place.name for place in paths if (place / "django.po").is_file())


def missing_messages(pack: Pack, language: str) -> list[str]:
    """Return the messages that a catalogue does not translate; readers see the fallback."""
    done = set(_translated(_read(pack.read_bytes(f"locale/{language}/django.po"))))
    return [message.replace(CONTEXT, ": ") for message in base_messages() if message not in done]


@cache
def base_messages() -> tuple[str, ...]:
    """Return every message of the pages of Kerege, in the order of its catalogues."""
    catalogue = _read((files("kerege") / SOURCE).read_bytes())
    return tuple(_key(message) for message in catalogue if message.id)


def _read(content: bytes) -> Catalog:
    return read_po(BytesIO(content), abort_invalid=True)


def _plurals(text: str) -> str:
    formula = re.search(r'^"Plural-Forms: (.*)\\n"$', text, re.M)
    return formula[1] if formula else ""


def _key(message: Message) -> str:
    text = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return f"{message.context}{CONTEXT}{text}" if message.context else str(text)


def _translated(catalogue: Catalog) -> Iterator[str]:
    for message in catalogue:
        if message.id and not message.fuzzy and all(_texts(message.string)):
            yield _key(message)


def _texts(value: object) -> list[str]:
    return [str(text or "") for text in value] if isinstance(value, tuple | list) else [str(value or "")]


def _faults(catalogue: Catalog) -> Iterator[tuple[int | None, Fault]]:
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        sources, strings = _texts(message.id), _texts(message.string)
        if not any(strings):
            continue
        if len(sources) > 1 and (len(strings) != catalogue.num_plurals or not all(strings)):
            yield message.lineno, Fault("lacks a plural form", f"write all {catalogue.num_plurals}")
        for text in filter(None, strings):
            yield from ((message.lineno, fault) for fault in text_faults(sources, text))


def text_faults(sources: Sequence[str], text: str) -> Iterator[Fault]:
    """Yield the faults of one translation of a message, whose singular and plural are the sources.

    Examples
    --------
    >>> [fault.what for fault in text_faults(["Hello %(name)s"], "Salom %(name)s %(other)s")]
    ['has a hole that the message has not: %(other)s']
    """
    allowed, needed = Counter[str](), _holes(sources[0])
    for source in sources:
        allowed |= _holes(source)
        needed &= _holes(source)
    if extra := _holes(text) - allowed:
        yield Fault(f"has a hole that the message has not: {next(iter(extra))}", "use the holes of the message")
    if missing := needed - _holes(text):
        yield Fault(f"lacks the hole {next(iter(missing))} of the message", "write it")
    if not any(_is_plain_beside(source, text) for source in sources):
        yield Fault("has a tag, or a mark of one, that the message has not", "use the marks of the message")


def _holes(text: str) -> Counter[str]:
    return Counter(match[0] for match in HOLE.finditer(text))


def _is_plain_beside(source: str, text: str) -> bool:
    """Return whether a text has no tag, attribute, quote or entity beyond those of the message."""
    marks = all(text.count(mark) <= source.count(mark) for mark in '<>"`&')
    return marks and not (_tags(text) - _tags(source)) and "javascript:" not in text.lower().replace("\t", "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.tags: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[f"{tag} {sorted(attrs, key=str)}"] += 1


def _tags(text: str) -> Counter[str]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.tags
