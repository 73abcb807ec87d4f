"""Recovery codes: drawn when the user opens their page, shown once, stored as password hashes.

allauth stores a seed from which it computes the codes. Kerege drops the seed before a row is stored and reads the rows
with this class instead: a code cannot be read from the database, nor with the keys.

A register of an older version has encrypted seeds. Their codes work at once after an upgrade, and the worker replaces
each seed by the hashes of its unused codes, a few users at a time: the ten hashes of a user take seconds.
"""

from __future__ import annotations

import hmac
import secrets
import time

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from kerege.core.accounts import sealed_secrets

COUNT = 10  # so that the first character of a code is its number, and one hash is computed for an attempt
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # without those that look alike
LENGTH = 9  # 44 bits
OLD_DIGITS = 8  # digits of the codes that allauth computed
HASHES, OLD, VIEWED = "hashes", "old_hashes", "viewed_at"  # keys of the stored data
SEED, USED = "seed", "used_mask"  # keys of the data of an older version; one bit for each used code
BATCH = 5  # users whose codes are hashed in one run of the job, about 14 seconds


class RecoveryCodes:
    """The recovery codes of one user, with the methods that allauth calls."""

    def __init__(self, instance: Authenticator) -> None:
        self.instance: Authenticator = instance
        self._shown: list[str] = []

    @property
    def did_view(self) -> bool:
        """Return whether the user has seen the codes."""
        return VIEWED in self.instance.data or SEED in self.instance.data

    def get_unused_codes(self) -> list[str]:
        """Return the codes that are left: readable in the request that drew them, then as empty texts."""
        data = self.instance.data
        return self._shown or [""] * sum(
            map(len, (data.get(HASHES, {}), data.get(OLD, []), list_unused(self.instance)))
        )

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
            if used is not None:
                old.remove(used)
            elif not (is_old and self._use_code_of_seed(typed)):
                return False
        self.instance.save(update_fields=["data"])
        return True

    def _use_code_of_seed(self, typed: str) -> bool:
        """Return whether a code is one that the seed gives, and mark it as used."""
        numbers = [number for number, code in list_unused(self.instance).items() if hmac.compare_digest(code, typed)]
        for number in numbers:
            self.instance.data[USED] = self.instance.data.get(USED, 0) | 1 << number
        return bool(numbers)

    def _lock(self) -> None:
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)


def draw_letters() -> str:
    """Return the random letters of a code."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def drop_seed(row: Authenticator) -> None:
    """Replace the seed of new recovery codes by an empty list of hashes."""
    if row._state.adding and row.type == Authenticator.Type.RECOVERY_CODES and SEED in row.data:
        row.data = {HASHES: {}}


def list_unused(row: Authenticator) -> dict[int, str]:
    """Return the unused codes of a seed by their numbers; none without a seed, or if it does not open."""
    sealed = str(row.data.get(SEED, ""))
    if not sealed or not sealed_secrets.opens(sealed, sealed_secrets.place_of(row, SEED)):
        return {}
    codes = compute_codes(sealed_secrets.unseal(sealed, sealed_secrets.place_of(row, SEED)))
    used = int(row.data.get(USED, 0))
    return {number: code for number, code in enumerate(codes) if not used & (1 << number)}


def compute_codes(seed: str) -> list[str]:
    """Return the codes that allauth computes from a seed."""
    mac, codes = hmac.new(seed.encode("ascii"), digestmod="sha1"), []
    for number in range(COUNT):
        mac.update(f"{number:3},".encode())
        value = int.from_bytes(mac.digest()[: OLD_DIGITS // 2], "big") % 10**OLD_DIGITS
        codes.append(str(value).zfill(OLD_DIGITS))
    return codes


def hash_seeds(limit: int = BATCH) -> int:
    """Replace the seeds of some users by the hashes of their unused codes; return the number of users.

    The hashes are computed outside of the transaction, which takes one row. A seed that does not open, for instance a
    copied one, gives no codes: the audit log names the user.
    """
    rows = Authenticator.objects.filter(type=Authenticator.Type.RECOVERY_CODES, data__has_key=SEED)
    return sum(map(_hash_seed, rows.order_by("pk")[:limit]))


def _hash_seed(row: Authenticator) -> bool:
    """Return whether the hashes took the place of a seed: not if a code was used meanwhile."""
    is_readable = sealed_secrets.opens(str(row.data[SEED]), sealed_secrets.place_of(row, SEED))
    data: dict[str, object] = {HASHES: {}}
    if is_readable:
        hashes = [make_password(code) for code in list_unused(row).values()]
        data |= {OLD: hashes, VIEWED: row.data.get(VIEWED) or time.time()}
    with transaction.atomic():
        stored = Authenticator.objects.select_for_update().filter(pk=row.pk).first()
        if stored is None or stored.data != row.data:
            return False
        stored.data = data
        stored.save(update_fields=["data"])
    if not is_readable:
        sealed_secrets.record_unreadable(row.user_id, row.type)
    return True


def read_rows_of_allauth() -> None:
    """Let the rows of recovery codes be read with the class of this module."""
    wrap = Authenticator.wrap

    def wrap_with_hashes(row: Authenticator) -> object:
        return RecoveryCodes(row) if row.type == Authenticator.Type.RECOVERY_CODES else wrap(row)

    Authenticator.add_to_class("wrap", wrap_with_hashes)
