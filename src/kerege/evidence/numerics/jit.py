"""Compilation of numerical loops with Numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba as nb
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])
ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: as a multiplier it spreads neighbouring keys


def compiled(function: F) -> F:
    """Compile a function; cache the machine code for the next process if a cache folder is writable."""
    try:
        return cast(F, nb.njit(nogil=True, cache=True)(function))
    except RuntimeError:  # no writable cache folder
        return cast(F, nb.njit(nogil=True)(function))


def inlined(function: F) -> F:
    """Compile a function into its callers, which must be in the same file.

    The cached code of a caller in another file would not change with this function.
    """
    return cast(F, nb.njit(nogil=True, forceinline=True)(function))
