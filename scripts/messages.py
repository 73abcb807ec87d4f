#!/usr/bin/env python3
"""Bring the catalogues up to date with the messages of the code and templates.

It needs no gettext program.

`scripts/messages.py` adds new messages (empty) and drops those that are gone; translations of the rest stay.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parent.parent / "src" / "kerege"
LOCALES = SOURCE / "web" / "locale"
PLURALS = {
    "kk": "nplurals=2; plural=(n != 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
}
SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
CONTEXT = "\x04"  # gettext's separator between a context and its message
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(pgettext|ngettext|gettext|_)\(\s*({LITERAL})(?:\s*,\s*({LITERAL}))?", re.DOTALL)
Found = tuple[str, str]  # message, plural ("" when it has none)


def in_python(text: str) -> Iterator[Found]:
    """Yield the messages of a Python source."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if name in SINGLE and texts:
                yield texts[0], ""
            if name in WITH_CONTEXT and len(texts) > 1:
                yield CONTEXT.join(texts[:2]), ""
            if name in PLURAL and len(texts) > 1:
                yield texts[0], texts[1]


def in_template(text: str) -> Iterator[Found]:
    """Yield the messages of a Django template."""
    for name, first, second in CALL.findall(templatize(text)):
        one, other = ast.literal_eval(first), ast.literal_eval(second or "''")
        if name == "pgettext":
            yield CONTEXT.join((one, other)), ""
        else:
            yield one, other if name == "ngettext" else ""


def places() -> Iterator[tuple[Path, Found]]:
    """Yield each message with its file."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from ((path, message) for message in in_python(path.read_text(encoding="utf-8")))
    for suffix in ("html", "txt"):
        for path in sorted(SOURCE.rglob(f"templates/**/*.{suffix}")):
            yield from ((path, message) for message in in_template(path.read_text(encoding="utf-8")))


def messages() -> dict[str, str]:
    """Return all messages that users can see, with their plural or ""."""
    plurals: dict[str, str] = {}
    for _path, (message, plural) in places():
        if message.strip():
            plurals[message] = plural or plurals.get(message, "")
    return plurals


def catalogue_path(language: str) -> Path:
    """Return the path of a language's catalogue."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def read_catalogue(language: str) -> Catalog:
    """Return a catalogue; an empty one when the file does not exist."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def key(message: Message) -> str:
    """Return the key of a message: its singular, prefixed with its context if it has one."""
    singular = message.id if isinstance(message.id, str) else message.id[0]
    return f"{message.context}{CONTEXT}{singular}" if message.context else singular


def refreshed(language: str, plurals: dict[str, str]) -> Catalog:
    """Return a catalogue of the wanted messages with their existing translations."""
    old = {key(message): message.string for message in read_catalogue(language) if message.id}
    fresh = Catalog(locale=language, project="Kerege", copyright_holder="the authors of Kerege", fuzzy=False)
    fresh._plural_expr = PLURALS[language].split("plural=")[1].rstrip(";")  # the plural rule of Django's own catalogue
    fresh._num_plurals = int(PLURALS[language][9])
    for message, plural in sorted(plurals.items()):
        string = old.get(message)
        if plural:
            fresh.add((message, plural), string if isinstance(string, tuple) else None)
        else:
            context, _mark, text = message.rpartition(CONTEXT)
            fresh.add(text, string if isinstance(string, str) else None, context=context or None)
    return fresh


def write_catalogue(language: str, catalogue: Catalog) -> None:
    """Write a catalogue sorted and without a date, so that equal messages give an equal file."""
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    header = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
    header += '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    header += f'"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    with path.open("wb") as file:
        file.write(header.encode())
        write_po(file, catalogue, omit_header=True, sort_output=True, width=100)


def main() -> int:
    """Update both catalogues and print what they lack."""
    settings.configure(USE_I18N=True)
    plurals = messages()
    for language in PLURALS:
        catalogue = refreshed(language, plurals)
        write_catalogue(language, catalogue)
        empty = sum(not message.string or not all(message.string) for message in catalogue if message.id)
        print(f"{language}: {len(plurals)} messages, {empty} to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())
