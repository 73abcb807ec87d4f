"""Signing key of the register: a seed in its key ring, or a command that holds the key elsewhere.

`KEREGE_SIGNER` names the command. It reads the content from standard input and writes the Ed25519 signature to standard
output, in base64 or as 64 bytes. `KEREGE_SIGNER_PUBLIC_KEY` names the file with its public key (PEM). After the key was
replaced, the file holds the new key first and the older ones behind it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kerege.base import ed25519
from kerege.base.errors import BadInput, Fault, Refused

COMMAND, PUBLIC_KEY = "KEREGE_SIGNER", "KEREGE_SIGNER_PUBLIC_KEY"
SECONDS = 30
SIZE = 64  # bytes of a signature
BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\n?", re.DOTALL)
PREFIX = "signer-"  # begins the id of a key that a command holds


@dataclass(frozen=True)
class SigningCommand:
    """A command that signs with a key which this process cannot read, and its public key."""

    command: tuple[str, ...]
    pem: bytes

    @property
    def key_id(self) -> str:
        """Return the id of the key: the beginning of the hash of its public key."""
        return id_of(self.pem)

    def sign(self, content: bytes) -> str:
        """Return the signature of the content in base64; raise Refused for none or a wrong one."""
        try:
            done = subprocess.run(self.command, input=content, capture_output=True, timeout=SECONDS, check=True)
        except FileNotFoundError:
            raise Refused(f"{self.command[0]} was not found: correct {COMMAND}") from None
        except (OSError, subprocess.SubprocessError) as error:
            raise Refused(f"the command of {COMMAND} failed ({type(error).__name__}): nothing was signed") from None
        signature = _as_base64(done.stdout)
        try:
            ed25519.check(content, signature, self.pem)
        except Refused:
            raise Refused(f"the signature of {COMMAND} does not fit {PUBLIC_KEY}: nothing was signed") from None
        return signature


SigningKey = bytes | SigningCommand  # a seed of 32 bytes, or a command


def sign(content: bytes, key: SigningKey) -> str:
    """Return the signature of the content in base64."""
    return key.sign(content) if isinstance(key, SigningCommand) else ed25519.sign(content, key)


def public_pem(key: SigningKey) -> bytes:
    """Return the public key in PEM."""
    return key.pem if isinstance(key, SigningCommand) else ed25519.public_pem(key)


def signing_command() -> SigningCommand | None:
    """Return the command that `KEREGE_SIGNER` names, or None; raise BadInput without its public key."""
    command = shlex.split(os.environ.get(COMMAND, ""))
    if not command:
        return None
    keys = public_keys()
    if not keys:
        raise BadInput(Fault(f"{COMMAND} has no public key", f"name its file in {PUBLIC_KEY}", file="environment"))
    return SigningCommand(tuple(command), next(iter(keys.values())))


def public_keys() -> dict[str, bytes]:
    """Return the public keys (PEM) that `KEREGE_SIGNER_PUBLIC_KEY` names, by id, the present one first."""
    path = os.environ.get(PUBLIC_KEY)
    if not path:
        return {}
    blocks = BLOCK.findall(ed25519.read_public_key(Path(path)))
    if not blocks:
        raise BadInput(Fault("there is no public key in it", "give a file in PEM", file=path))
    return {id_of(block): block for block in blocks}


def release_key(home: Path) -> SigningKey:
    """Return the signer of releases: the command of the environment, else the newest key of a home."""
    return signing_command() or ed25519.release_key(home)


def id_of(pem: bytes) -> str:
    """Return the id of a public key."""
    return PREFIX + hashlib.sha256(pem.strip()).hexdigest()[:16]


def _as_base64(output: bytes) -> str:
    """Return a signature in base64, which a command wrote in base64 or as bytes."""
    if len(output) == SIZE:
        return base64.b64encode(output).decode()
    return "".join(output.decode("ascii", "replace").split())
