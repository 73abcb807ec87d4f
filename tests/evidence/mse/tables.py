"""The published tables, and resamples of them."""

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
        head, *rows = csv.reader(file)
    histories = [sum(1 << j for j, there in enumerate(row[:-1]) if there == "1") for row in rows]
    return Lists(histories, [int(row[-1]) for row in rows], head[:-1])


def resamples(lists: Lists, times: int, seed: int = 7) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    return rng.multinomial(lists.people, lists.counts / lists.people, size=times)


def mask(lists: Lists, tie: str) -> int:
    """Of `LA:NG`."""
    return sum(1 << lists.names.index(name) for name in tie.split(":"))
