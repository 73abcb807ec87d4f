"""Recovery codes: drawn when the user opens their page, shown once, stored as password hashes.

allauth stores a seed from which it computes the codes. Kerege drops the seed before a row is stored and reads the rows
with this class instead: neither the database nor the keys give a code away.
"""

from __future__ import annotations

import secrets
import time

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

COUNT = 10  # so that the first character of a code is its number, and one hash is computed for an attempt
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # without those that look alike
LENGTH = 9  # 44 bits
OLD_DIGITS = 8  # of the codes that allauth computed
HASHES, OLD, VIEWED = "hashes", "old_hashes", "viewed_at"  # keys of the stored data


class RecoveryCodes:
    """The recovery codes of one user, with the methods that allauth calls."""

    def __init__(self, instance: Authenticator) -> None:
        self.instance: Authenticator = instance
        self._shown: list[str] = []

    @property
    def did_view(self) -> bool:
        """Return whether the user has seen the codes."""
        return VIEWED in self.instance.data

    def get_unused_codes(self) -> list[str]:
        """Return the codes that are left: readable in the request that drew them, then as empty texts."""
        return self._shown or [""] * (len(self.instance.data.get(HASHES, {})) + len(self.instance.data.get(OLD, [])))

    @transaction.atomic
    def mark_as_viewed(self) -> None:
        """Draw the codes when their page is opened for the first time, and store their hashes."""
        self._lock()
        if self.did_view:
            return
        self._shown = [f"{number}{draw_letters()}" for number in range(COUNT)]
        hashes = {code[0]: make_password(code) for code in self._shown}
        self.instance.data |= {HASHES: hashes, VIEWED: time.time()}
        self.instance.save(update_fields=["data"])

    @transaction.atomic
    def validate_code(self, code: str) -> bool:
        """Return whether a code is one of those that are left, and use it up."""
        self._lock()
        typed = "".join(filter(str.isalnum, code)).lower()
        hashes, old = self.instance.data.get(HASHES, {}), self.instance.data.get(OLD, [])
        if len(typed) == LENGTH + 1:
            if typed[0] not in hashes or not check_password(typed, hashes[typed[0]]):
                return False
            del hashes[typed[0]]
        else:
            # a code of the app has six digits: it costs no hash
            is_old = len(typed) == OLD_DIGITS and typed.isdigit()
            used = next((stored for stored in old if is_old and check_password(typed, stored)), None)
            if used is None:
                return False
            old.remove(used)
        self.instance.save(update_fields=["data"])
        return True

    def _lock(self) -> None:
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)


def draw_letters() -> str:
    """Return the random letters of a code."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def drop_seed(row: Authenticator) -> None:
    """Replace the seed of new recovery codes by an empty list of hashes."""
    if row.type == Authenticator.Type.RECOVERY_CODES and "seed" in row.data:
        row.data = {HASHES: {}}


def read_rows_of_allauth() -> None:
    """Let the rows of recovery codes be read with the class of this module."""
    wrap = Authenticator.wrap

    def wrap_with_hashes(row: Authenticator) -> object:
        return RecoveryCodes(row) if row.type == Authenticator.Type.RECOVERY_CODES else wrap(row)

    Authenticator.add_to_class("wrap", wrap_with_hashes)
