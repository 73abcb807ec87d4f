"""Masks of small counts for pages whose readers may open no case."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from kerege.base.registry import Entry, Registry

Rows = Mapping[str, Mapping[Hashable, int]]  # by part: the number of rows, such as services, of each person
Masked = Mapping[str, int | None]  # None where a count is withheld
Mask = Callable[[str, Rows, int], Masked]
cell_masks: Registry[Entry[Mask]] = Registry("masks of small counts")


def mask_parts(column: str, rows: Rows, threshold: int) -> Masked:
    """Return the number of rows of each part of a whole, by the codes of a column of releases.

    Parts of few people or mostly of one person, those that would give them away, and those whose code a public release
    withholds are None. All parts are None if no app has added a mask.
    """
    masks = cell_masks.all()
    return masks[0].value(column, rows, threshold) if masks else dict.fromkeys(rows)
