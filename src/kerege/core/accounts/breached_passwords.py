"""Refusal of passwords that are known from breaches, without a network.

The list is a file of SHA-1 digests in ascending order, one per line, as the downloader of Have I Been Pwned writes it:
40 hexadecimal digits, and after a colon how often the password was seen. The file has tens of gigabytes. It is
searched by halving, so a password costs about 35 reads of one line.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DIGITS = 40
FEWEST = 3_000  # passwords of our length that ASVS V6.2.4 asks to compare with
LONGEST_LINE = 60  # bytes, with the number and the end of the line
DIGEST = re.compile(rb"[0-9A-F]{40}")
LINE = re.compile(rb"[0-9A-Fa-f]{40}(:[0-9]+)?(\r?\n)?")
# passwords of our length that every list of breached passwords has; one of them suffices
MOST_COMMON = ("123456789012", "qwerty123456", "password1234")


def list_path() -> Path | None:
    """Return the path of the list; None when the operator has set none."""
    return Path(settings.BREACHED_PASSWORDS) if settings.BREACHED_PASSWORDS else None


def holds_enough(path: Path | None) -> bool:
    """Return whether a list is long enough, in order, and has one of the most common passwords."""
    try:
        return (
            path is not None
            and _begins_in_order(path)
            and seems_in_order(path)
            and any(is_breached(password, path) for password in MOST_COMMON)
        )
    except OSError:
        return False


def _begins_in_order(path: Path) -> bool:
    """Return whether a list begins with FEWEST different digests in ascending order."""
    last = b""
    with path.open("rb") as file:
        for _number in range(FEWEST):
            line = file.readline(LONGEST_LINE)
            if not LINE.fullmatch(line) or line[:DIGITS].upper() <= last:
                return False
            last = line[:DIGITS].upper()
    return True


def is_breached(password: str, path: Path) -> bool:
    """Return whether a list contains a password.

    Raises OSError if the list cannot be read.
    """
    # The format of the list is SHA-1; the digest is compared and never stored.
    searched = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            start, line = _line_from(file, middle)
            digest = line[:DIGITS].upper()
            if digest == searched:
                return True
            if line and digest < searched:
                low = start + len(line)
            else:
                high = middle
    return False


def seems_in_order(path: Path, sample: int = 1_000) -> bool:
    """Return whether the lines at `sample` evenly spaced places of a list are digests in ascending order.

    Raises OSError if the list cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        places = range(0, size, max(size // sample, 1))
        lines = [_line_from(file, place)[1] for place in places]
    digests = [line.rstrip()[:DIGITS].upper() for line in lines if line]
    return bool(digests) and all(map(DIGEST.fullmatch, digests)) and digests == sorted(digests)


def _line_from(file: BinaryIO, position: int) -> tuple[int, bytes]:
    """Return the first line that starts at a position or after it, with its start; b'' at the end."""
    if position:
        file.seek(position - 1)
        file.readline()
    else:
        file.seek(0)
    return file.tell(), file.readline()


class BreachedPasswordValidator:
    """Password validator of Django that refuses passwords of the list."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError for a password of the list, and when the list cannot be read."""
        path = list_path()
        if path is None:
            return
        try:
            is_known = is_breached(password, path)
        except OSError:
            # A list that is set but missing must not let every password pass.
            raise ValidationError(
                _("The list of breached passwords cannot be read. Call the operator."), code="no_list"
            ) from None
        if is_known:
            raise ValidationError(
                _("This password is known from a data breach. Choose another one."), code="password_breached"
            )

    def get_help_text(self) -> str:
        """Return the rule as users read it."""
        return _("Your password can’t be one that is known from a data breach.")
