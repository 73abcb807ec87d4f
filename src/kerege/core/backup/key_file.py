"""Key file: all keys of the key ring, encrypted with a passphrase (scrypt, cipher of new values)."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kerege.base import files, key_seal
from kerege.base.ciphers import CIPHERS, OLDEST, current_cipher
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.file_model import FileModel

FORMAT: Final = "kerege-keys/1"
SHORTEST = 12


class ScryptCost(FileModel):
    """Cost of a guess of the passphrase."""

    n: int
    r: int
    p: int


class SealedKeys(FileModel):
    """A key file; binary values are Base64."""

    format: Literal["kerege-keys/1"]
    scrypt: ScryptCost
    salt: str
    nonce: str
    sealed: str
    cipher: str = OLDEST


# each guess of the passphrase costs 128 MiB and about half a second
COST = ScryptCost(n=2**17, r=8, p=1)


def seal_keys(folder: Path, out: Path, passphrase: str) -> int:
    """Encrypt all key files of `folder` into `out`; return their number."""
    if len(passphrase) < SHORTEST:
        raise BadInput(Fault("the passphrase is too short", f"take {SHORTEST} characters or more"))
    # in clear under the passphrase: a key file opens on a machine without the master key too
    names = {
        path.name: key_seal.read_text(path.stem, path.read_text()).hex() + "\n" for path in sorted(folder.glob("*.key"))
    }
    salt, nonce, cipher = os.urandom(16), os.urandom(12), current_cipher()
    key = _derive(passphrase, salt, COST)
    sealed = CIPHERS[cipher](key).encrypt(nonce, json.dumps(names).encode(), FORMAT.encode())
    salt_text, nonce_text, sealed_text = (base64.b64encode(value).decode() for value in (salt, nonce, sealed))
    content = SealedKeys(
        format=FORMAT, scrypt=COST, salt=salt_text, nonce=nonce_text, sealed=sealed_text, cipher=cipher
    )
    with files.atomic_file(out, durable=True) as part:
        part.write_text(json.dumps(content.tree, indent=1) + "\n")
        part.chmod(0o600)
    return len(names)


def open_keys(sealed: Path, folder: Path, passphrase: str) -> int:
    """Decrypt a key file into `folder`.

    Return the number of keys, or raise Refused for a wrong passphrase.
    """
    content = _read(sealed)
    salt, nonce, body = map(base64.b64decode, (content.salt, content.nonce, content.sealed))
    try:
        plain = CIPHERS[content.cipher](_derive(passphrase, salt, content.scrypt)).decrypt(nonce, body, FORMAT.encode())
    except InvalidTag:
        raise Refused(f"the passphrase does not open {sealed}") from None
    names = json.loads(plain)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, text in names.items():
        path = folder / Path(name).name
        with files.atomic_file(path, durable=True) as part:
            part.write_text(key_seal.file_text(path.stem, bytes.fromhex(text.strip())))
            part.chmod(0o600)
    return len(names)


def _read(sealed: Path) -> SealedKeys:
    try:
        content = SealedKeys.model_validate_json(sealed.read_bytes())
        CIPHERS[content.cipher]
    except KeyError:
        raise Refused(f"{sealed} is encrypted with a cipher that this version does not know") from None
    except (OSError, ValueError):  # ValueError is also pydantic's
        todo = "give the OUT.keys written beside OUT.tar"
        raise BadInput(Fault("this is not a key file of a backup", todo, file=str(sealed))) from None
    return content


def _derive(passphrase: str, salt: bytes, cost: ScryptCost) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost.n, r=cost.r, p=cost.p).derive(passphrase.encode())
