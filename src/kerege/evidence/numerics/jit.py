"""How loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba as nb
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])
ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: spreads neighbours over a hash table


def compiled(function: F) -> F:
    """Compile; keep the machine code for the next process where some folder can be written."""
    try:
        return cast(F, nb.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # no such folder
        return cast(F, nb.njit(nogil=True)(function))


def inlined(function: F) -> F:
    """Compile into the callers, which must be in the same file, or they would be kept when it changes."""
    return cast(F, nb.njit(nogil=True, forceinline=True)(function))
