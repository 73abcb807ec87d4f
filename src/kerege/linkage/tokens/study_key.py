"""The key of one exercise: all agencies that take part have it, the broker never does.

With it comes what will be asked: the lists, the threshold of a link, the noise. The tokens are made under both, so
that nobody changes one word of it alone, and asking anything else takes a new key that all agencies encode with anew.
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
# other columns of the result have these names
RESERVED = ("count", "noise")


@dataclass(frozen=True)
class Terms:
    """What an exercise asks: the overlap of which lists, from which probability of a link on, under how much noise.

    `epsilon` is None for exact counts.
    """

    lists: tuple[str, ...]
    threshold: float = THRESHOLD
    epsilon: float | None = EPSILON


@dataclass(frozen=True)
class Key:
    """A key of 32 random bytes, the exercise and the terms that it is for, and the day on which it was made."""

    exercise: str
    made: str
    secret: bytes
    terms: Terms

    @property
    def tokens(self) -> bytes:
        """The key of the tokens: another one under other terms, so that such tokens match nobody's."""
        return hmac.digest(self.secret, b"tokens\0" + self._asked(), "sha256")

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell two keys apart and say nothing of either."""
        return hmac.digest(self.secret, b"fingerprint\0" + self._asked(), "sha256")[:8].hex()

    def _asked(self) -> bytes:
        return json.dumps([self.exercise, asdict(self.terms)], sort_keys=True).encode()


def new_study_key(exercise: str, terms: Terms) -> Key:
    """Make the key of a study, with fresh random bytes, for the agencies that take part.

    Raises BadInput for a name that does not fit into a file name, and for terms that cannot be.

    Examples
    --------
    >>> key = new_study_key("2026", Terms(("police", "shelter"), threshold=0.5, epsilon=1.0))
    >>> len(key.secret), len(key.fingerprint)
    (32, 16)
    """
    check(terms)
    return Key(named(exercise, "exercise"), datetime.now(UTC).date().isoformat(), secrets.token_bytes(32), terms)


def check(terms: Terms) -> None:
    """Raise BadInput unless this can be asked."""
    for name in terms.lists:
        named(name, "list")
    faults = []
    if not 2 <= len(set(terms.lists)) == len(terms.lists) <= MOST_LISTS:
        faults.append(Fault("these are no lists to overlap", "name two to ten different lists: --list A --list B"))
    if not 0 < terms.threshold < 1:
        what = f"--threshold {terms.threshold} is no probability between 0 and 1"
        faults.append(Fault(what, "give for example 0.5"))
    if terms.epsilon is not None and not 0.05 <= terms.epsilon <= 5:
        faults.append(Fault(f"--epsilon {terms.epsilon} is no number from 0.05 to 5", "give for example 1"))
    if faults:
        raise BadInput(faults)


def terms_of(told: Mapping[str, Any]) -> Terms:
    """Terms as a file tells them; raises ValueError, KeyError or TypeError for what are none."""
    epsilon = None if told["epsilon"] is None else float(told["epsilon"])
    terms = Terms(tuple(map(str, _list(told["lists"]))), float(told["threshold"]), epsilon)
    try:
        check(terms)
    except BadInput as fault:
        raise ValueError from fault
    return terms


def _list(told: object) -> Sequence[object]:
    if not isinstance(told, list):
        raise TypeError
    return told


def named(text: str, what: str) -> str:
    """A name of an exercise or list; raises BadInput for what is none."""
    if not NAME.fullmatch(text) or text in RESERVED:
        todo = "use up to 40 letters A to Z, digits, dots, hyphens and underscores"
        raise BadInput(Fault(f"this cannot be the name of the {what}", todo))
    return text


def write(key: Key, path: Path) -> None:
    """Write a key for its owner only. Raises BadInput when there is a file already: a key is never replaced."""
    text = json.dumps(
        {
            "format": FORMAT,
            "exercise": key.exercise,
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
        os.link(part, path)  # unlike a rename, it does not replace a file that came up meanwhile
    except FileExistsError:
        raise BadInput(Fault("exists already, and a key is never replaced", "name another file", path.name)) from None
    except OSError:
        raise BadInput(Fault("cannot be written there", "name another file or folder", path.name)) from None
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> Key:
    """A key from its file; raises BadInput for what is none."""
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["format"] != FORMAT:
            raise ValueError
        key = Key(str(told["exercise"]), str(told["made"]), bytes.fromhex(told["key"]), terms_of(told["terms"]))
        if len(key.secret) != 32 or not NAME.fullmatch(key.exercise):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        fault = Fault("is no key of an exercise", "give the file that kerege tokens key made", path.name)
        raise BadInput(fault) from None
    return key


def open_to_others(path: Path) -> bool:
    """Whether anybody but the owner may read the key file."""
    return bool(path.stat().st_mode & 0o077)
