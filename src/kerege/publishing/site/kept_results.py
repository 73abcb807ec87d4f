"""Results held in memory under keys that name everything they depend on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Generic, TypeVar

Result = TypeVar("Result")


class KeptResults(Generic[Result]):
    """The results that were asked for last, at most `most` of them.

    A result is never changed: what it depends on gives it another key. Concurrent callers of one key wait for one
    computation.

    Examples
    --------
    >>> from kerege.publishing.site.kept_results import KeptResults
    >>> kept = KeptResults[int](most=2)
    >>> kept.get("a", lambda: 1), kept.get("a", lambda: 2)
    (1, 1)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, Result] = OrderedDict()
        self._lock = RLock()

    def get(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """Return the result of a key, computing it when it is missing."""
        with self._lock:
            if key not in self._results:
                self._results[key] = compute()
            self._results.move_to_end(key)
            while len(self._results) > self._most:
                self._results.popitem(last=False)
            return self._results[key]
