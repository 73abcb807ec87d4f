"""Labels that a release keeps: those of its codes, columns and units on the day on which it was made.

A page or a file that shows a release uses them within `using_labels`. Then `codes.label` and the titles of
`snapshot_columns` are those of the release, also after a pack has changed them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal

from kerege.base.file_model import FileModel
from kerege.base.file_types import Text
from kerege.vocabulary.languages import Texts

FORMAT: Final = "kerege-labels/1"


class KeptLabels(FileModel):
    """Labels by language of a release: of its units, of their columns, and of the codes of their lists.

    Examples
    --------
    >>> sex = {"female": {"ru": "женский", "en": "female"}}
    >>> kept = KeptLabels(format="kerege-labels/1", units={}, columns={}, lists={"sex": sex})
    >>> with using_labels([kept]):
    ...     find_label("sex", "female")["en"]
    'female'
    """

    format: Literal["kerege-labels/1"]
    units: dict[str, Text]
    columns: dict[str, dict[str, Text]]
    lists: dict[str, dict[str, Text]]


_in_use: ContextVar[Sequence[KeptLabels]] = ContextVar("kept labels", default=())


@contextmanager
def using_labels(kept: Sequence[KeptLabels]) -> Iterator[None]:
    """Use the labels of releases within a block, those of the first release first.

    What no release keeps has the label of the active lists.
    """
    token = _in_use.set(tuple(kept))
    try:
        yield
    finally:
        _in_use.reset(token)


def find_label(list_name: str, code: str) -> Mapping[str, str] | None:
    """Return the label of a code by language as the releases in use keep it, None where none does."""
    return _first(kept.lists.get(list_name, {}).get(code) for kept in _in_use.get())


def find_column_title(unit: str, column: str) -> Mapping[str, str] | None:
    """Return the title of a column by language as the releases in use keep it, None where none does."""
    return _first(kept.columns.get(unit, {}).get(column) for kept in _in_use.get())


def find_unit_title(unit: str) -> Mapping[str, str] | None:
    """Return the title of a unit by language as the releases in use keep it, None where none does."""
    return _first(kept.units.get(unit) for kept in _in_use.get())


def _first(labels: Iterator[dict[str, str] | None]) -> Mapping[str, str] | None:
    texts = next(filter(None, labels), None)
    return Texts(texts) if texts else None
