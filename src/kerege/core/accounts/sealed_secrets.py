"""Encryption of second-factor and webhook secrets, each bound to its table, column and row.

A stolen database does not let an intruder sign in, and a secret that is copied into another row does not open there.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidTag
from django.db.models import Q

from kerege.core import audit
from kerege.core.authorization import Actor
from kerege.core.security import aead
from kerege.core.security.keyring import MissingKey, keyring

UNBOUND = "second-factor"  # the place of every secret in version 0.1, and of one that is not stored yet
UNREADABLE = (InvalidTag, MissingKey, ValueError)  # errors of a value that does not open in its row
SECRET, SEED = "secret", "seed"  # values of an authenticator that are encrypted


def seal(text: str, place: str = UNBOUND) -> str:
    """Encrypt under the current key-encryption key; return `<key id>$<base64 of the sealed text>`.

    `place` names the table, the column and the row: the result opens nowhere else.
    """
    key_id, key = keyring().current("kek")
    return f"{key_id}${base64.b64encode(aead.seal(key, text.encode(), place)).decode()}"


def unseal(sealed: str, place: str) -> str:
    """Decrypt the result of `seal`; raise MissingKey, or InvalidTag when it belongs to another place."""
    key_id, _, body = sealed.partition("$")
    return aead.unseal(keyring().get("kek", key_id), base64.b64decode(body), place).decode()


def place_of(row: Authenticator, name: str) -> str:
    """Return the place of a value of an authenticator: a user has one of each type with a secret."""
    return f"mfa_authenticator.data.{name}:{row.user_id}:{row.type}"


def unseal_stored(sealed: str) -> str:
    """Decrypt a value of the authenticator that holds it; raise InvalidTag when it belongs to another row."""
    rows = list(Authenticator.objects.filter(Q(data__secret=sealed) | Q(data__seed=sealed))[:2])
    if len(rows) != 1:
        raise InvalidTag
    return unseal(sealed, place_of(rows[0], SECRET if rows[0].data.get(SECRET) == sealed else SEED))


def bind(row: Authenticator) -> None:
    """Bind the secrets of an authenticator that is about to be stored to its row."""
    for name in _sealed_names(row):
        try:
            text = unseal(row.data[name], UNBOUND)
        except InvalidTag:  # bound already
            continue
        row.data[name] = seal(text, place_of(row, name))


def reseal(sealed: str, place: str) -> str | None:
    """Encrypt a value again under the current key and cipher; None if it does not open at its place."""
    try:
        return seal(unseal(sealed, place), place)
    except UNREADABLE:
        return None


def record_unreadable(user_id: object, kind: str, by: str = "upgrade") -> None:
    """Record that a second factor of a user does not open, when an upgrade or a rotation passes over it."""
    audit.record(Actor.system(by), "accounts.unreadable_factor", f"user:{user_id}", type=kind)


def _sealed_names(row: Authenticator) -> list[str]:
    return [name for name in (SECRET, SEED) if str(row.data.get(name, "")).startswith("kek-")]


def _sealed_rows() -> Iterator[tuple[Authenticator, list[str]]]:
    """Yield authenticators with the names of their encrypted values."""
    for row in Authenticator.objects.all().iterator():
        if names := _sealed_names(row):
            yield row, names


def rewrap() -> int:
    """Re-encrypt all secrets under the current key-encryption key; return the number of authenticators.

    One that does not open stays as it is, and the audit log names its user.
    """
    count = 0
    for row, names in _sealed_rows():
        renewed = {name: reseal(row.data[name], place_of(row, name)) for name in names}
        if None in renewed.values():
            record_unreadable(row.user_id, row.type, "rotation")
            continue
        row.data |= renewed
        row.save(update_fields=["data"])
        count += 1
    return count


def count_by_key() -> Counter[tuple[str, bool]]:
    """Return the number of second-factor secrets under each key-encryption key, and whether they open."""
    return Counter(
        (row.data[name].partition("$")[0], opens(row.data[name], place_of(row, name)))
        for row, names in _sealed_rows()
        for name in names
    )


def opens(sealed: str, place: str) -> bool:
    """Return whether a value opens at its place."""
    try:
        unseal(sealed, place)
    except UNREADABLE:
        return False
    return True
