"""Keyed hashes under keys that name their algorithm.

`KEREGE_MAC` chooses the algorithm of the next key of a purpose; a key keeps its own. So a rotation exchanges the
algorithm together with the key, and hashes what is stored again.
"""

from __future__ import annotations

import hmac
import os

from kerege.base.errors import BadInput, Fault, Refused

SIZE = 32  # bytes of a secret; a mark of its algorithm may follow
PURPOSES = frozenset({"index", "import"})
VARIABLE, OLDEST = "KEREGE_MAC", "HMAC-SHA256"
# name: the mark behind the secret, and the name of its hash; keys of version 0.1 have none
ALGORITHMS = {OLDEST: (b"", "sha256"), "HMAC-SHA3-256": (b"\x01", "sha3_256")}
HASHES = dict(ALGORITHMS.values())


def mark_of_new_key(purpose: str) -> bytes:
    """Return the mark of a new key of a purpose; raises BadInput for an unknown algorithm."""
    name = os.environ.get(VARIABLE) or OLDEST
    if name not in ALGORITHMS:
        raise BadInput(Fault(f"{VARIABLE} names no known algorithm", f"name one of {', '.join(ALGORITHMS)}"))
    return ALGORITHMS[name][0] if purpose in PURPOSES else b""


def digest(key: bytes, text: bytes) -> bytes:
    """Return the keyed hash of a text (32 bytes), by the algorithm that the key names."""
    secret, mark = key[:SIZE], key[SIZE:]
    if mark not in HASHES:
        raise Refused("a key names an algorithm that this version does not know: install the version that made it")
    return hmac.digest(secret, text, HASHES[mark])
