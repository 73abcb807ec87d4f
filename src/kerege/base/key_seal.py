"""Key files sealed under a master key that a secrets manager holds.

`KEREGE_KEY_COMMAND` names a command that prints the master key: 64 hexadecimal digits. A vault, a TPM, a PKCS#11 device
or the credentials of systemd can hold it. The files of the key folder then hold ciphertext only, so a copy of the disk
opens nothing. Without the command the files hold the keys in clear.

While the master key changes, `KEREGE_OLD_KEY_COMMAND` names the command of the earlier one: each file then opens under
either key.
"""

from __future__ import annotations

import base64
import os
from functools import lru_cache
from types import ModuleType

from kerege.base.errors import Refused
from kerege.base.secret_command import run_command

COMMAND = "KEREGE_KEY_COMMAND"
OLD_COMMAND = "KEREGE_OLD_KEY_COMMAND"
PREFIX = "sealed/1 "  # then the name of the cipher, and the ciphertext in base64
SIZE = 32


def key_command() -> str:
    """Return the command that prints the master key, or ''."""
    return os.environ.get(COMMAND, "").strip()


def list_commands() -> list[str]:
    """Return the commands whose master keys open the files, the present one first."""
    return [command for name in (COMMAND, OLD_COMMAND) if (command := os.environ.get(name, "").strip())]


def is_sealed(text: str) -> bool:
    """Return whether the text of a key file is sealed."""
    return text.startswith(PREFIX)


def file_text(name: str, key: bytes) -> str:
    """Return the text of a key file: sealed for this name, or in clear without a command."""
    command = key_command()
    if not command:
        return key.hex() + "\n"
    cipher: str = _load_cipher().current_cipher()
    head = f"{PREFIX}{cipher} "
    body = _load_cipher().encrypt(cipher, master_key(command), key, head + name)
    return head + base64.b64encode(body).decode() + "\n"


def read_text(name: str, text: str) -> bytes:
    """Return the key in the text of a key file.

    Raises Refused when a command is missing or fails, or when no command prints the master key; ValueError for text of
    another form.
    """
    if not is_sealed(text):
        return bytes.fromhex(text.strip())
    commands = list_commands()
    if not commands:
        raise Refused(f"the key {name} is encrypted: set {COMMAND} to the command that prints the master key")
    cipher, _, body = text.removeprefix(PREFIX).strip().partition(" ")
    if cipher not in _load_cipher().CIPHERS:
        raise Refused(f"the key {name} is encrypted with {cipher}, which this version does not know")
    raw = base64.b64decode(body, validate=True)
    for command in commands:
        key = _load_cipher().decrypt(cipher, master_key(command), raw, f"{PREFIX}{cipher} {name}")
        if key is not None:
            return bytes(key)
    raise Refused(
        f"the master key of {COMMAND} does not open the key {name}; after a change of the master key, "
        "run kerege keys seal --old-command COMMAND"
    )


def _load_cipher() -> ModuleType:
    """Return the module of the cipher. The ledger works without cryptography as long as no key is sealed."""
    from kerege.base import key_cipher

    return key_cipher


@lru_cache(maxsize=4)
def master_key(command: str) -> bytes:
    """Return the master key that a command prints; the process asks once. Raises Refused."""
    try:
        key = bytes.fromhex(run_command(command, COMMAND).decode("ascii").strip())
    except ValueError:
        raise Refused(f"the command of {COMMAND} did not print hexadecimal digits") from None
    if len(key) != SIZE:
        raise Refused(f"the command of {COMMAND} must print {2 * SIZE} hexadecimal digits")
    return key
