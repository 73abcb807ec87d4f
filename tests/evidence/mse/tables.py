"""Published tables and resamples of them."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse import Lists

DATA = Path(__file__).parent / "data"
ALL = ["UKdat", "UKdat_5", "UKdat_4", "Ned", "Ned_5", "NewOrl", "NewOrl_5", "Kosovo", "Korea", "Australia"]


@lru_cache
def table(name: str) -> Lists:
    with (DATA / f"{name}.csv").open() as file:
        header, *rows = csv.reader(file)
    histories = [sum(1 << j for j, cell in enumerate(row[:-1]) if cell == "1") for row in rows]
    return Lists(histories, [int(row[-1]) for row in rows], header[:-1])


def resamples(lists: Lists, times: int, seed: int = 7) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    return rng.multinomial(lists.people, lists.counts / lists.people, size=times)


def mask(lists: Lists, interaction: str) -> int:
    """Return the bitmask of lists in a notation such as `LA:NG`."""
    return sum(1 << lists.names.index(name) for name in interaction.split(":"))
