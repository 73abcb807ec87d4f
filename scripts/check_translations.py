#!/usr/bin/env python3
"""Check that the Kazakh and Russian catalogues hold every message of the code and templates; `--missing` lists them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parent.parent / "src" / "kerege"
LOCALES = SOURCE / "web" / "locale"
LANGUAGES = ("kk", "ru")
# function -> which of its arguments are messages
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
CONTEXT_CALLS = {"pgettext": 1, "pgettext_lazy": 1}
LITERAL = re.compile(r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
CALL = re.compile(rf"\b(?P<name>n?p?gettext|_)\((?P<literals>(?:{LITERAL.pattern}[,\s]*)+)")


def in_python(text: str) -> Iterator[str]:
    """Messages of a Python source; of a plural only the singular, which is the key."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            position = 1 if name in CONTEXT_CALLS else 0 if name in CALLS else None
            if position is not None and len(node.args) > position:
                message = node.args[position]
                if isinstance(message, ast.Constant) and isinstance(message.value, str):
                    yield message.value


def in_template(text: str) -> Iterator[str]:
    """Messages of a Django template."""
    for call in CALL.finditer(templatize(text)):
        literals = [ast.literal_eval(literal) for literal in LITERAL.findall(call["literals"])]
        position = 1 if "p" in call["name"].removesuffix("gettext") else 0
        if len(literals) > position:
            yield literals[position]


def messages() -> set[str]:
    """Every message that users can meet."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        if "migrations" not in path.parts:
            found.update(in_python(path.read_text()))
    for suffix in ("html", "txt"):
        for path in SOURCE.rglob(f"templates/**/*.{suffix}"):
            found.update(in_template(path.read_text()))
    return {message for message in found if message.strip()}


def translated(catalogue: Catalog) -> set[str]:
    """Keys of a catalogue with a complete, unfuzzy translation."""
    done = set()
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and not message.fuzzy and all(strings):
            done.add(message.id[0] if isinstance(message.id, tuple | list) else message.id)
    return done


def read_catalogue(path: Path, language: str) -> Catalog:
    """A catalogue; an empty one when there is none."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def main(argv: list[str]) -> int:
    """Print what is missing a language; exit 1 when anything is."""
    settings.configure(USE_I18N=True)
    django.setup()
    wanted, short = messages(), 0
    for language in LANGUAGES:
        path = LOCALES / language / "LC_MESSAGES" / "django.po"
        missing = sorted(wanted - translated(read_catalogue(path, language)))
        print(f"{language}: {len(wanted) - len(missing)} of {len(wanted)} messages translated")
        for message in missing if "--missing" in argv else missing[:10]:
            print(f"  missing: {message!r}")
        short += len(missing)
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
