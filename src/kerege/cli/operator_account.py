"""The account of the person at the terminal, as the operating system knows it."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import pwd

LOGIN = Path("/proc/self/loginuid")  # set at login and kept by sudo and su
UNSET = 2**32 - 1


def operator_account() -> str:
    """Return the account that logged in, else that of the process.

    Environment variables such as USER are not used: the person at the terminal can set them.
    """
    if not hasattr(os, "getuid"):
        return getpass.getuser()  # not a POSIX system
    number = _login_number()
    return _name(os.getuid() if number is None else number)


def _login_number() -> int | None:
    """Return the number of the account that logged in, None when the kernel does not record it."""
    try:
        number = int(LOGIN.read_text())
    except (OSError, ValueError):
        return None
    return None if number == UNSET else number


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
