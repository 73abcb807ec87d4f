"""Key file: all keys of the key ring, encrypted with a passphrase (scrypt, AES-256-GCM)."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kerege.base import files
from kerege.base.errors import BadInput, Fault, Refused

FORMAT = "kerege-keys/1"
# each guess of the passphrase costs 128 MiB and about half a second
COST = {"n": 2**17, "r": 8, "p": 1}
SHORTEST = 12


def seal_keys(folder: Path, out: Path, passphrase: str) -> int:
    """Encrypt all key files of `folder` into `out`; return their number."""
    if len(passphrase) < SHORTEST:
        raise BadInput(Fault("the passphrase is too short", f"take {SHORTEST} characters or more"))
    names = {path.name: path.read_text() for path in sorted(folder.glob("*.key"))}
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_derive(passphrase, salt, COST)).encrypt(nonce, json.dumps(names).encode(), FORMAT.encode())
    content = {"format": FORMAT, "scrypt": COST} | {
        name: base64.b64encode(value).decode()
        for name, value in {"salt": salt, "nonce": nonce, "sealed": sealed}.items()
    }
    with files.atomic_file(out) as part:
        part.write_text(json.dumps(content, indent=1) + "\n")
        part.chmod(0o600)
    return len(names)


def open_keys(sealed: Path, folder: Path, passphrase: str) -> int:
    """Decrypt a key file into `folder`.

    Return the number of keys, or raise Refused for a wrong passphrase.
    """
    content = _read(sealed)
    salt, nonce, body = (base64.b64decode(content[name]) for name in ("salt", "nonce", "sealed"))
    try:
        plain = AESGCM(_derive(passphrase, salt, content["scrypt"])).decrypt(nonce, body, FORMAT.encode())
    except InvalidTag:
        raise Refused(f"the passphrase does not open {sealed}") from None
    names = json.loads(plain)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, text in names.items():
        with files.atomic_file(folder / Path(name).name) as part:
            part.write_text(text)
            part.chmod(0o600)
    return len(names)


def _read(sealed: Path) -> dict[str, Any]:
    try:
        content = json.loads(sealed.read_text())
        if content["format"] == FORMAT:
            return dict(content)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise BadInput(
        Fault("this is no key file of a backup", "give the OUT.keys written beside OUT.tar", file=str(sealed))
    )


def _derive(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost["n"], r=cost["r"], p=cost["p"]).derive(passphrase.encode())
