"""Checks of the files of a pack: known names, text in UTF-8, normal form, no hidden characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.base.multilingual_titles import TAG
from kerege.vocabulary.pack import Pack
from kerege.vocabulary.pack.pack import MANIFEST, SIGNATURE, list_files

_TAG = TAG.pattern
LAYOUT = re.compile(
    r"pack\.toml|profile\.toml|law\.toml|calendar\.toml|tiles\.csv|population\.csv|README\.md|LICENSE(\.txt|\.md)"
    rf"|lists/[a-z_]{{1,48}}\.csv|labels/{_TAG}\.csv|locale/{_TAG}/django\.po|(?:report|site|site-files)/{_TAG}\.toml"
    r"|names/(given|variants|diminutives|spellings|pairs)\.csv"
    rf"|programme/(figures|claims|context)\.toml|consent/{_TAG}\.toml|screening/[a-z0-9_]{{1,60}}\.toml"
)
# controls, marks of direction that reorder a line, and characters without width; joiners of Persian stay
HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)


def check_files(pack: Pack) -> Iterator[Fault]:
    """Yield the faults of names and texts of all files."""
    for path in sorted(list_files(pack.folder)):
        if path in pack.description.fonts:
            continue
        if LAYOUT.fullmatch(path):
            yield from _text_faults(pack, path)
        else:
            yield Fault("is no file of a pack", "remove it, or correct its name", file=shown(path))
    for path in pack.description.fonts:
        if path in {MANIFEST, SIGNATURE} or not _exists(pack, path):
            yield Fault(f"names the font {shown(path)}, which is not there", "add it or remove the name", "pack.toml")


def _exists(pack: Pack, path: str) -> bool:
    try:
        return pack.has(path)
    except ValueError:  # such as ../font.ttf
        return False


def _text_faults(pack: Pack, path: str) -> Iterator[Fault]:
    try:
        text = pack.read_text(path)
    except BadInput as problem:
        yield from problem.faults
        return
    for number, line in enumerate(text.split("\n"), 1):
        if hidden := HIDDEN.search(line.removesuffix("\r")):
            yield Fault(f"has the hidden character U+{ord(hidden[0]):04X}", "remove it", path, number)
        if not unicodedata.is_normalized("NFC", line):
            yield Fault("is not in Unicode normal form C", "save the file in this form", path, number)
