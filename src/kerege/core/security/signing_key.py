"""Signing key of daily roots and releases: a command, else the newest key of the ring."""

from __future__ import annotations

from pathlib import Path

from kerege.base import ed25519, files, signing
from kerege.core.security.keyring import NAME, MissingKey, keyring


def current() -> tuple[str, signing.SigningKey]:
    """Return the id of the signing key, and the key or the command that holds it."""
    command = signing.signing_command()
    return (command.key_id, command) if command else keyring().current("release")


def is_external(key_id: str) -> bool:
    """Return whether a command held the key with this id."""
    return key_id.startswith(signing.PREFIX)


def pem_of(key_id: str) -> bytes:
    """Return the public key of an id; raise MissingKey when it is not known here."""
    if not is_external(key_id):
        retired = _retired(key_id)
        return retired.read_bytes() if retired.exists() else ed25519.public_pem(keyring().get("release", key_id))
    pem = signing.public_keys().get(key_id)
    if pem is None:
        raise MissingKey(f"the public key {key_id} is not in the file of {signing.PUBLIC_KEY}")
    return pem


def keep_public_key(key_id: str) -> Path:
    """Write the public key of a key that is about to be deleted: its signatures stay verifiable."""
    pem = ed25519.public_pem(keyring().get("release", key_id))
    path = _retired(key_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with files.atomic_file(path, durable=True) as part:
        part.write_bytes(pem)
    return path


def _retired(key_id: str) -> Path:
    if not NAME.match(key_id):
        raise MissingKey(f"{key_id!r} is not a release key")
    return files.home() / "audit" / "retired-keys" / f"{key_id}.pem"
