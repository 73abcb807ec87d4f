"""A production register, and commands that run on it as an operator runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.command_starter import KEREGE, CommandStarter

PASSPHRASE = "seven sheep on the steppe"


# The key files of these tests take little time to open; one test is about the cost of the others.
CHEAP_KEY_FILES = "from kerege.core.backup import key_file; key_file.COST = key_file.ScryptCost(n=2**10, r=8, p=1); "


ADMIN = [
    "createadmin",
    *("--agency-code", "mlsp", "--agency-kind", "social_protection"),
    *("--agency-name", "kk=Министрлік", "--agency-name", "ru=Министерство", "--agency-name", "en=Ministry"),
    *("--username", "aigul", "--full-name", "Aigul"),
]


MANIFEST = json.dumps({"format": "kerege-release/1", "created": "2025-12-31T00:00:00Z"})  # what the ledger reads of it


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a command on the register of a home folder."""
    clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "KEREGE_DEMO"}}
    return clean | {"KEREGE_HOME": str(home), "KEREGE_BACKUP_PASSPHRASE": PASSPHRASE} | more


@cache
def starter() -> CommandStarter:
    """Return the process that forks for the commands of this file."""
    return CommandStarter()


def code_of(args: tuple[str, ...]) -> str:
    """Return the program of a command."""
    return (CHEAP_KEY_FILES if args[0] == "backup" else "") + KEREGE


def kerege(home: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command as an operator would, with a home of its own."""
    return starter().run(code_of(args), *args, env=environment(home, **env))


def kerege_alone(home: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command in an interpreter of its own, which has loaded nothing before."""
    command = [sys.executable, "-c", code_of(args), *args]
    return subprocess.run(
        command, env=environment(home, **env), capture_output=True, text=True, timeout=120, check=False
    )


STORE = """
from kerege.casework.vault.services import identities as services
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
identity = {"names": [{"kind": "main", "given": "Aru", "family": "Canary"}]}
services.store_records(Actor.system(), [(Agency.objects.get(), identity, "P-1")])
"""


def python(home: Path, code: str) -> str:
    """Run code on the register of a home folder; return its output or the name of its error."""
    lines = "from kerege.cli.load_django import setup; setup()\n" + code
    done = starter().run(lines, env=environment(home))
    return done.stdout.strip() if done.returncode == 0 else [str(done.returncode), *done.stderr.splitlines()][-1]


def files_of(folder: Path) -> dict[str, str]:
    """Return the contents of the key files in a folder."""
    return {path.name: path.read_text() for path in folder.glob("*.key")} if folder.exists() else {}
