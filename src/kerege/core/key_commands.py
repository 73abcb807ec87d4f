"""Commands of the operator on keys: rotation, retirement, and rebuilding of the search index."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.base import key_seal
from kerege.base.ciphers import current_cipher
from kerege.base.errors import Refused
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.core.security import key_events, keyring, signing_key

EVERY_AGENCY = "a rotation renews the values of all agencies, and shows none"


@dataclass(frozen=True)
class Rotation:
    """Result of a rotation: current key, number of renewed values, whether it ended an earlier one."""

    key_id: str
    count: int
    is_resumed: bool


def rotate(purpose: str, *, with_new_noise: bool = False) -> Rotation:
    """Make a new key and encrypt the values of its purpose under it.

    After a rotation that was interrupted, the next one makes no key and renews the rest. Raises Refused for the key of
    record keys unless `with_new_noise`: later releases then have other noise in the same cells.
    """
    if purpose == "record" and not with_new_noise:
        raise Refused(
            "a new record key gives the cells of later releases other noise, and a reader can average the noise of a "
            "cell that was released under both. If the old key may have leaked, give --new-noise"
        )
    with audit.act(Actor.system(), "keys.rotate") as event, session_scope.bypass_row_security(EVERY_AGENCY):
        authorization.require(event.actor, "keys.rotate")
        ring = keyring.keyring()
        is_resumed = is_unfinished(purpose)
        key_id = ring.current(purpose)[0] if is_resumed else ring.rotate(purpose)
        count = key_events.renew(purpose)
        event.note(key=key_id, rewrapped=count)
    return Rotation(key_id, count, is_resumed)


def is_unfinished(purpose: str) -> bool:
    """Return whether an older key of a purpose has values that a rotation renews."""
    older = keyring.keyring().ids(purpose)[:-1]
    return bool(older) and any(values.is_renewable and values.key_id in older for values in key_events.list_sealed())


def retire(key_id: str) -> None:
    """Delete an older key that no stored value needs; of a signing key, keep the public key.

    Raises Refused for the newest key of a purpose and for a key that stored values need.
    """
    with audit.act(Actor.system(), "keys.retire") as event, session_scope.bypass_row_security(EVERY_AGENCY):
        authorization.require(event.actor, "keys.retire")
        needed = [values for values in key_events.list_sealed() if values.key_id == key_id]
        if needed:
            kinds = ", ".join(f"{values.count} {values.kind}" for values in needed)
            raise Refused(f"{key_id} is needed by {kinds}: nothing was deleted")
        if key_id in keyring.keyring().ids("release"):
            signing_key.keep_public_key(key_id)
        keyring.keyring().remove(key_id)
        event.note(key=key_id)


def list_unreadable() -> list[str]:
    """Return a sentence for each kind of stored value that does not open, which rotations pass over."""
    return [
        f"{values.count} {values.kind} under {values.key_id}: the audit log names the rows; set them up anew"
        for values in key_events.list_sealed()
        if values.is_unreadable
    ]


def reseal() -> int:
    """Encrypt all stored values again with the cipher that `KEREGE_CIPHER` names; return their number."""
    with audit.act(Actor.system(), "keys.reseal") as event, session_scope.bypass_row_security(EVERY_AGENCY):
        authorization.require(event.actor, "keys.reseal")
        count = key_events.reseal()
        event.note(cipher=current_cipher(), values=count)
    return count


def seal() -> int:
    """Seal the files of all keys under the master key of the secrets manager; return their number.

    Raises Refused without a command that prints the master key.
    """
    if not key_seal.key_command():
        raise Refused(f"there is no master key: set {key_seal.COMMAND} to the command that prints it")
    with audit.act(Actor.system(), "keys.seal") as event:
        authorization.require(event.actor, "keys.seal")
        count = keyring.keyring().seal_files()
        event.note(keys=count)
    return count


def reindex(*, with_new_key: bool) -> int:
    """Build the search index again, on request under a new key; return the number of records."""
    with audit.act(Actor.system(), "keys.reindex") as event:
        authorization.require(event.actor, "keys.reindex")
        if with_new_key:
            keyring.keyring().rotate("index")
        count = key_events.reindex()
        event.note(key=keyring.keyring().current("index")[0], records=count)
    return count
