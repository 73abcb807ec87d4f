"""Key of a study: all participating agencies hold it, the broker never does.

The key file also fixes the question: the lists, the link threshold and the noise. Tokens depend on both, so nobody can
change the question alone. Another question needs a new key, under which all agencies encode again.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kerege.base.errors import BadInput, Fault

FORMAT = "kerege-tokens-key/2"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
THRESHOLD, EPSILON = 0.5, 1.0
MOST_LISTS = 10
# names of other columns in the result, so not allowed for lists
RESERVED = ("count", "noise")


@dataclass(frozen=True)
class Terms:
    """Question of a study: the lists, the link threshold (a probability) and the noise.

    `epsilon` is None for exact counts.
    """

    lists: tuple[str, ...]
    threshold: float = THRESHOLD
    epsilon: float | None = EPSILON


@dataclass(frozen=True)
class Key:
    """Key of 32 random bytes with the name and terms of its study and the day of its creation."""

    study: str
    made: str
    secret: bytes
    terms: Terms

    @property
    def tokens(self) -> bytes:
        """Return the token key: it differs by terms, so tokens under other terms never match."""
        return hmac.digest(self.secret, b"tokens\0" + self._encode_terms(), "sha256")

    @property
    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that identify the key without revealing it."""
        return hmac.digest(self.secret, b"fingerprint\0" + self._encode_terms(), "sha256")[:8].hex()

    def _encode_terms(self) -> bytes:
        return json.dumps([self.study, asdict(self.terms)], sort_keys=True).encode()


def new_study_key(study: str, terms: Terms) -> Key:
    """Return a new key of a study, with fresh random bytes, for the participating agencies.

    Parameters
    ----------
    study : str
        Name of the study: up to 40 letters A to Z, digits, dots, hyphens and underscores.
    terms : Terms
        Two to ten lists, the link threshold (a probability) and epsilon (0.05 to 5, None for exact counts).

    Returns
    -------
    Key
        32 random bytes with the terms. Tokens of keys with other terms never match. Every agency holds it, the broker
        never.

    Raises
    ------
    BadInput
        If the name cannot be part of a file name, or the terms are invalid.

    Notes
    -----
    Keyed hashing with a key that the linking party lacks: Schnell, Bachteler and Reiher 2009, "Privacy-preserving
    record linkage using Bloom filters", BMC Medical Informatics and Decision Making 9:41.

    Examples
    --------
    >>> key = new_study_key("2026", Terms(("police", "shelter"), threshold=0.5, epsilon=1.0))
    >>> len(key.secret), len(key.fingerprint)
    (32, 16)
    """
    check_terms(terms)
    return Key(valid_name(study, "study"), datetime.now(UTC).date().isoformat(), secrets.token_bytes(32), terms)


def check_terms(terms: Terms) -> None:
    """Raise BadInput for invalid terms."""
    for name in terms.lists:
        valid_name(name, "list")
    faults = []
    if not 2 <= len(set(terms.lists)) == len(terms.lists) <= MOST_LISTS:
        faults.append(
            Fault("the lists are not two to ten different ones", "name two to ten different lists: --list A --list B")
        )
    if not 0 < terms.threshold < 1:
        what = f"--threshold {terms.threshold} is not a probability between 0 and 1"
        faults.append(Fault(what, "give for example 0.5"))
    if terms.epsilon is not None and not 0.05 <= terms.epsilon <= 5:
        faults.append(Fault(f"--epsilon {terms.epsilon} is not a number from 0.05 to 5", "give for example 1"))
    if faults:
        raise BadInput(faults)


def terms_of(content: Mapping[str, Any]) -> Terms:
    """Return the terms in a file's content; raises ValueError, KeyError or TypeError for invalid ones."""
    epsilon = None if content["epsilon"] is None else float(content["epsilon"])
    terms = Terms(tuple(map(str, _list(content["lists"]))), float(content["threshold"]), epsilon)
    try:
        check_terms(terms)
    except BadInput as fault:
        raise ValueError from fault
    return terms


def study_of(content: Mapping[str, object]) -> str:
    """Return the name of the study in a file or a log entry; raises KeyError if there is none.

    Earlier versions wrote it under the name `exercise`.
    """
    return str(content["study"] if "study" in content else content["exercise"])


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def valid_name(text: str, what: str) -> str:
    """Return a valid name of a study or list; raises BadInput for an invalid one."""
    if not NAME.fullmatch(text) or text in RESERVED:
        todo = "use up to 40 letters A to Z, digits, dots, hyphens and underscores"
        raise BadInput(Fault(f"this cannot be the name of the {what}", todo))
    return text


def write(key: Key, path: Path) -> None:
    """Write a key, readable by its owner only; raises BadInput if the file exists."""
    text = json.dumps(
        {
            "format": FORMAT,
            "study": key.study,
            "made": key.made,
            "key": key.secret.hex(),
            "terms": asdict(key.terms),
        }
    )
    part = path.parent / f".part-{secrets.token_hex(6)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename, a link does not replace a file created in the meantime
    except FileExistsError:
        raise BadInput(Fault("exists already, and a key is never replaced", "name another file", path.name)) from None
    except OSError:
        raise BadInput(Fault("cannot be written there", "name another file or folder", path.name)) from None
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> Key:
    """Read a key from its file; raises BadInput for an invalid file."""
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["format"] != FORMAT:
            raise ValueError
        secret, terms = bytes.fromhex(content["key"]), terms_of(content["terms"])
        key = Key(study_of(content), str(content["made"]), secret, terms)
        if len(key.secret) != 32 or not NAME.fullmatch(key.study):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        fault = Fault("is not a key of a study", "give the file that kerege tokens key made", path.name)
        raise BadInput(fault) from None
    return key


def is_open_to_others(path: Path) -> bool:
    """Return whether users other than the owner can access the key file."""
    return bool(path.stat().st_mode & 0o077)
