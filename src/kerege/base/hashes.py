"""Hashes of chains: each event, root and entry names the algorithm of its own hash.

Those without a name are of SHA-256. `KEREGE_HASH` chooses the algorithm of new ones. A chain may hold several: a hash
covers the hash before it, and the signed roots name the last one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping

from kerege.base.errors import BadInput, Fault, Refused

HASHES = {"SHA-256": "sha256", "SHA3-256": "sha3_256"}  # names of hashlib
VARIABLE, OLDEST = "KEREGE_HASH", "SHA-256"
KEY = "hashed_by"  # key of the name in the hashed content


def current_name() -> dict[str, str]:
    """Return the key and the name that new content holds; empty for the oldest algorithm.

    Raises BadInput for an unknown one.

    Examples
    --------
    >>> current_name()
    {}
    """
    name = os.environ.get(VARIABLE) or OLDEST
    if name not in HASHES:
        raise BadInput(Fault(f"{VARIABLE} names no known hash", f"name one of {', '.join(HASHES)}"))
    return {} if name == OLDEST else {KEY: name}


def hash_by_name(data: bytes, content: object) -> str:
    """Return the hash of bytes, in hexadecimal, by the algorithm that their content names.

    Raises Refused for an algorithm that this version does not know.

    Examples
    --------
    >>> hash_by_name(b"x", {}) == hash_by_name(b"x", {"hashed_by": "SHA-256"})
    True
    """
    name = content.get(KEY, OLDEST) if isinstance(content, Mapping) else OLDEST
    if name not in HASHES:
        raise Refused("a hash is of an algorithm that this version does not know: install the version that made it")
    return hashlib.new(HASHES[name], data).hexdigest()


def hash_line(line: str) -> str:
    """Return the hash of a line of JSON, by the algorithm that it names; of any other line, SHA-256.

    Examples
    --------
    >>> hash_line("no JSON") == hashlib.sha256(b"no JSON").hexdigest()
    True
    >>> hash_line('{"hashed_by": "SHA3-256"}') == hashlib.sha3_256(b'{"hashed_by": "SHA3-256"}').hexdigest()
    True
    """
    try:
        content = json.loads(line)
    except ValueError:
        content = None
    return hash_by_name(line.encode(), content)
