"""Invented names that occur nowhere else, and the search for them in every form in a text."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from urllib.parse import unquote_plus

from kerege.casework.vault.identity import Identity
from kerege.linkage.names import fold
from tests.safety.world import Words

# one word a place, several scripts, each unlike any word of the code, the catalogues and the lists
FAMILY, GIVEN, MIDDLE = "Құпияғайшина", "Тынышканарь", "Сырбекқызызы"
LATIN, ALIAS, GEORGIAN = "Zzyzxcanaryova", "Қарлығашшық", "კანარიშვილი"
DOCUMENT, PHONE, SAFE, STREET = "ZQ90417358X", "+7 701 940 17 35", "قناريسرّي", "Канарлықкөше"
NOTE, GROUNDS, NARRATIVE, MESSAGE = "жазбақанарья", "негізқанарья", "оқиғақанарья", "хатқанарья"
SUPPLEMENT, TYPED = "қосымшақанарья", "金絲雀秘密名字"
EVERY = (
    FAMILY,
    GIVEN,
    MIDDLE,
    LATIN,
    ALIAS,
    GEORGIAN,
    DOCUMENT,
    PHONE,
    SAFE,
    STREET,
    NOTE,
    GROUNDS,
    NARRATIVE,
    MESSAGE,
    SUPPLEMENT,
    TYPED,
)


def words() -> Words:
    """Free texts of a world, every one a canary."""
    identity = Identity(
        names=[
            {"kind": "main", "family": FAMILY, "given": GIVEN, "middle": MIDDLE},
            {"kind": "main", "family": LATIN, "given": "", "middle": ""},
            {"kind": "alias", "family": ALIAS, "given": GEORGIAN, "middle": ""},
        ],
        birth_date="1996-05-17",
        gender="feminine",
        citizenships=["KZ"],
        documents=[{"kind": "passport", "number": DOCUMENT, "country": "KZ"}],
        phones=[PHONE],
        address={"street": STREET},
        safe_contact=SAFE,
    )
    return Words(identity, NOTE, GROUNDS, NARRATIVE, MESSAGE, SUPPLEMENT)


def _shapes(canary: str) -> set[str]:
    """Return a canary as written, in the keys of the search, and in common encodings."""
    encoded = {
        base64.b64encode(canary.encode())[:-4].decode(),
        canary.encode("utf-16-le").hex(),
        canary.encode().hex(),
        json.dumps(canary)[1:-1],
    }
    return {canary, unicodedata.normalize("NFD", canary), re.sub(r"[\s+]", "", canary), fold(canary), *encoded}


SHAPES = {shape.casefold(): canary for canary in EVERY for shape in _shapes(canary) if len(shape) >= 6}


def as_text(value: object) -> str:
    """Return a value as text; bytes are decoded."""
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview | bytearray) else str(value)


def leaks(*values: object) -> list[str]:
    """Return the canaries that values contain, plain, folded, escaped or quoted."""
    plain = "\n".join(map(as_text, values))
    searched = "\n".join({plain, unquote_plus(plain), html.unescape(plain)}).casefold()
    # a search for one shape after the other is six times as fast as a regular expression of all shapes
    return sorted({canary for shape, canary in SHAPES.items() if shape in searched})
