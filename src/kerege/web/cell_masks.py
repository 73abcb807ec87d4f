"""Masks of small counts for pages whose readers may open no case."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kerege.base.registry import Entry, Registry

Counts = Mapping[str, int]
Masked = Mapping[str, int | None]  # None where a count is withheld
Mask = Callable[[Counts, int], Masked]
cell_masks: Registry[Entry[Mask]] = Registry("masks of small counts")


def mask_parts(parts: Counts, threshold: int) -> Masked:
    """Return the parts of a whole; small ones, and those that would give them away, are None.

    All parts are None if no app has added a mask.
    """
    masks = cell_masks.all()
    return masks[0].value(parts, threshold) if masks else dict.fromkeys(parts)


def mask_count(count: int, threshold: int) -> int | None:
    """Return a count that belongs to no whole; None below the threshold unless it is 0."""
    return None if 0 < count < threshold else count
