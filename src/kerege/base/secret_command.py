"""Commands of the secrets manager that print a secret, which then is in no file and no environment."""

from __future__ import annotations

import os
import shlex
import subprocess
from functools import lru_cache
from pathlib import PurePath

from kerege.base.errors import Refused

PASSPHRASE, TLS_PASSWORD = "KEREGE_BACKUP_PASSPHRASE_COMMAND", "KEREGE_TLS_PASSWORD_COMMAND"
SECONDS = 30
# clients of secrets managers: vaults, credentials of the machine under its TPM, devices with PKCS#11
MANAGERS = frozenset(
    {"aws", "az", "bao", "clevis", "gcloud", "op", "pkcs11-tool", "systemd-creds", "tpm2_unseal", "vault"}
)


def is_manager(command: str) -> bool:
    """Return whether a command runs a known client of a secrets manager.

    Examples
    --------
    >>> is_manager("/usr/bin/vault kv get -field=master secret/kerege"), is_manager("cat /etc/kerege/master")
    (True, False)
    """
    words = shlex.split(command)
    return bool(words) and PurePath(words[0]).name in MANAGERS


def run_command(command: str, variable: str) -> bytes:
    """Return what a command prints; raise Refused, without its output, if it fails."""
    try:
        return subprocess.run(shlex.split(command), capture_output=True, timeout=SECONDS, check=True).stdout
    except FileNotFoundError:
        raise Refused(f"{command.split()[0]} was not found: correct {variable}") from None
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise Refused(f"the command of {variable} failed ({type(error).__name__})") from None


def read_secret(variable: str) -> str:
    """Return the secret that the command of a setting prints, without its line end; '' without a command."""
    command = os.environ.get(variable, "").strip()
    return _read_once(command, variable) if command else ""


@lru_cache(maxsize=8)
def _read_once(command: str, variable: str) -> str:
    """Return a secret; each process asks for it once."""
    return run_command(command, variable).decode("utf-8", "replace").rstrip("\r\n")
