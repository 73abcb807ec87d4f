"""Draws of a linkage beside a table of lists, as `kerege link` wrote them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from kerege.base.errors import BadInput, Fault
from kerege.evidence.mse.linkage_errors.rates_file import LEAST_LISTS
from kerege.evidence.mse.lists import Lists

FORMAT, SUFFIX = "kerege-linkage-draws/1", ".draws.json"


def read_draws(table: Path, lists: Lists) -> list[Lists]:
    """Return the draws of the linkage beside a table; none if they belong to another table.

    Parameters
    ----------
    table : Path
        The CSV file of the lists.
    lists : Lists
        The lists of this file. Draws of more or other lists are not used.

    Returns
    -------
    list of Lists
        The same lists under other decisions on the uncertain links.

    Raises
    ------
    BadInput
        If the file of the draws cannot be read.
    """
    path = table.with_name(table.stem + SUFFIX)
    if not path.is_file() or lists.number < LEAST_LISTS:
        return []
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        is_of_table = document["table"] == hashlib.sha256(table.read_bytes()).hexdigest()
        if document["format"] != FORMAT or not is_of_table or tuple(document["lists"]) != lists.names:
            return []
        tables = [np.array(people) for people in document["draws"]]
        return [Lists(people[:, 0], people[:, 1], lists.names) for people in tables]
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        raise BadInput(Fault("cannot be read", "delete it, or take it from `kerege link`", str(path))) from None
