"""How many persons are on which lists, from tokens; and how many links were missed or are false."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.linkage import files, model
from kerege.linkage.clusters import clusters
from kerege.linkage.columns import Text
from kerege.linkage.conditions import Pairs, truth
from kerege.linkage.model import Model
from kerege.linkage.scoring import probability
from kerege.linkage.tokens.keys import THRESHOLD
from kerege.linkage.tokens.store import Tokens
from kerege.standard.faults import Refused

# pairs under this probability are counted as nothing
LEAST = 1e-4
# of a list that shares fewer persons with the others nothing is told; the counts that would be told decide, so that the
# refusal tells no more than they would
LEAST_SHARED = 15
NAME, BIRTH = "name_key_l = name_key_r", "birth_date_l = birth_date_r"

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rates:
    """Of the links between two lists: the share of true ones that was missed, the share of links that are false."""

    lists: tuple[str, str]
    missed: float
    false: float
    false_per_record: float


@dataclass(frozen=True)
class Overlap:
    """`histories` (2^lists - 1,) persons by list, bit i for list i, from history 1 on; without noise yet."""

    names: list[str]
    histories: NDArray[np.int64]
    rates: list[Rates]
    model: Model
    linked: files.Linked
    groups: NDArray[np.int64]


@lru_cache
def shipped() -> Model:
    """The model for tokens that comes with Kerege."""
    text = (resources.files("kerege.linkage") / "models" / "tokens-1.json").read_text("utf-8")
    return model.of_dict(json.loads(text))


def overlap(
    lists: Sequence[Tokens], threshold: float = THRESHOLD, progress: files.Progress = files.no_progress
) -> Overlap:
    """Link the lists and count the persons of every capture history."""
    frame = pl.concat([tokens.frame for tokens in lists], how="diagonal")
    owner = np.repeat(np.arange(len(lists)), [len(tokens.frame) for tokens in lists])
    linked = files.link([str(row) for row in range(len(frame))], frame, shipped(), least=LEAST, progress=progress)
    taken = linked.weights >= math.log2(threshold / (1 - threshold))
    groups = clusters(
        len(frame), linked.left[taken], linked.right[taken], linked.weights[taken],
        lambda left, right: linked.scores(left, right).weights,
    )  # fmt: skip
    names = [tokens.header.list for tokens in lists]
    return Overlap(names, _histories(groups, owner, len(lists)), _rates(names, linked, groups, owner), linked.model,
                   linked, groups)  # fmt: skip


def _histories(groups: NDArray[np.int64], owner: NDArray[np.int64], lists: int) -> NDArray[np.int64]:
    on = np.zeros(len(groups), np.int64)
    np.bitwise_or.at(on, groups, 1 << owner)
    return np.bincount(on[on > 0], minlength=1 << lists)[1:]


def _rates(names: list[str], linked: files.Linked, groups: NDArray[np.int64], owner: NDArray[np.int64]) -> list[Rates]:
    """Expected errors of each two lists: false links 1 - p of what is linked, missed ones p of what is not, and those
    that were never compared."""
    left, right = linked.left, linked.right
    odds, together = probability(linked.weights), groups[left] == groups[right]
    by_name, by_birth = _agree(linked, NAME), _agree(linked, BIRTH)
    found = []
    for one, two in combinations(range(len(names)), 2):
        here = (np.minimum(owner[left], owner[right]) == one) & (np.maximum(owner[left], owner[right]) == two)
        kept = here & together
        links, false = float(kept.sum()), float((1 - odds[kept]).sum())
        missed = float(odds[here & ~together].sum()) + _unseen(odds, here, by_name, by_birth)
        real = links - false + missed
        found.append(
            Rates(
                lists=(names[one], names[two]),
                missed=missed / real if real else 0.0,
                false=false / links if links else 0.0,
                false_per_record=false / max(1.0, float((owner == two).sum()) - real),
            )
        )
    return found


def _unseen(odds: NDArray[np.float64], here: Flags, by_name: Flags, by_birth: Flags) -> float:
    """How many true pairs no blocking rule found: by capture and recapture (Chapman 1951) of those that agree in both
    names and of those that agree in the date of birth, which go wrong for reasons of their own."""
    names, dates, both = (float(odds[here & way].sum()) for way in (by_name, by_birth, by_name & by_birth))
    return max(0.0, (names + 1) * (dates + 1) / (both + 1) - 1 - float(odds[here].sum()))


def _agree(linked: files.Linked, condition: str) -> Flags:
    column = linked.table.get(condition.split(" = ")[0].removesuffix("_l"))
    if not isinstance(column, Text):
        return np.zeros(len(linked.left), np.bool_)
    return truth(condition, Pairs(linked.table, linked.left, linked.right))


def shared(histories: NDArray[np.int64], lists: int) -> list[int]:
    """For each list, how many of its persons are on another one too."""
    history = np.arange(1, 1 << lists)
    several = (history & (history - 1)) > 0
    return [int(histories[several & ((history >> place) & 1 == 1)].sum()) for place in range(lists)]


def check_shared(names: list[str], told: NDArray[np.int64]) -> None:
    """Raise Refused when a list shares so few persons with the others that they could be guessed."""
    for name, count in zip(names, shared(told, len(names)), strict=True):
        if count < LEAST_SHARED:
            raise Refused(f"the list {name} shares too few persons with the others to tell how many; leave it out")


def of_lists(names: list[str], told: NDArray[np.int64], wanted: list[str]) -> NDArray[np.int64]:
    """The counts of some of the lists, in their order, as sums of those of all lists."""
    history = np.arange(1, 1 << len(names))
    places = [names.index(name) for name in wanted]
    on = sum(((history >> place) & 1) << new for new, place in enumerate(places))
    found = np.zeros(1 << len(wanted), np.int64)
    np.add.at(found, on, told)
    return found[1:]


def table(names: list[str], histories: NDArray[np.int64]) -> pl.DataFrame:
    """What `kerege estimate` reads: a 0/1 column a list and `count`, a row a capture history."""
    history = np.arange(1, 1 << len(names))
    columns: dict[str, Any] = {name: (history >> place) & 1 for place, name in enumerate(names)}
    return pl.DataFrame({**columns, "count": histories})
