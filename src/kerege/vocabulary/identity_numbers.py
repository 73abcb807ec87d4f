"""Check of national identity numbers: the profile gives the pattern, and names one of these functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerege.vocabulary.profile_parts import IdentityNumber

FIRST, SECOND = range(1, 12), (*range(3, 12), 1, 2)  # weights of the eleven digits before the check digit


def accept_any(number: str) -> bool:
    """Return True: the country's number has no check digit, or its rule was not read."""
    return True


def mod11_kz(number: str) -> bool:
    """Return whether the check digit of a number of twelve digits is right, as in Kazakhstan.

    The check digit is the weighted sum of the other digits modulo 11. Where it is 10, the second weights apply.
    A number whose remainder is 10 again is never issued.

    Examples
    --------
    >>> mod11_kz("061211600012"), mod11_kz("061211600013")
    (True, False)
    """
    digits = [int(digit) for digit in number]
    remainders = (sum(map(int.__mul__, weights, digits[:11])) % 11 for weights in (FIRST, SECOND))
    return next((rest for rest in remainders if rest < 10), None) == digits[11]


CHECKS: Mapping[str, Callable[[str], bool]] = MappingProxyType({"none": accept_any, "mod11_kz": mod11_kz})


def bare_number(number: str) -> str:
    """Return a number without spaces and hyphens.

    Examples
    --------
    >>> bare_number("061211-600 012")
    '061211600012'
    """
    return re.sub(r"[\s‐‑–-]", "", number)


def is_well_formed(number: str, rule: IdentityNumber) -> bool:
    """Return whether a number fits the pattern and the check digit of a country's rule."""
    bare = bare_number(number)
    return bool(re.fullmatch(rule.pattern, bare, re.ASCII)) and CHECKS[rule.check](bare)
