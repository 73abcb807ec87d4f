"""Overlaps of linked files: people on each combination, by the linkage and by draws of it.

`kerege estimate` reads both. A draw takes each pair as a link with its match probability. So the spread of the draws is
that of the uncertain links, as far as the files' candidate pairs show it: pairs that no blocking rule finds are in no
draw.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file, file_hash
from kerege.linkage.input import read_tables
from kerege.linkage.matching.batch_scorer import probability
from kerege.linkage.matching.clusters import clusters
from kerege.linkage.matching.link_files import SURE, Linked

FORMAT, SUFFIX = "kerege-linkage-draws/1", ".draws.json"  # the file beside LISTS.csv
DRAWS, LEAST = 50, 0.05  # draws; least probability of a pair that a draw can link
MOST_FILES, RESERVED = 10, ("count", "freq", "n", "noise")
Counts = NDArray[np.int64]


def name_lists(paths: Sequence[Path]) -> list[str]:
    """Return one name of a list for each file. Raises BadInput for too few, too many or equal names."""
    names = [path.stem for path in paths]
    if not 2 <= len(names) <= MOST_FILES:
        raise BadInput(Fault(f"{len(names)} files make no lists", f"link 2 to {MOST_FILES} files"))
    for place, name in enumerate(names):
        if name in names[:place] or name.lower() in RESERVED:
            raise BadInput(Fault("is no name of a list of its own", "rename the file", str(paths[place])))
    return names


def find_owners(paths: Sequence[Path], encoding: str = "") -> NDArray[np.intp]:
    """Return the position of the file of each record, in the order of `gather`."""
    sizes = [len(read_tables.read_table(path, read_tables.ignore_note, encoding)) for path in paths]
    return np.repeat(np.arange(len(paths)), sizes)


def count_people(groups: NDArray[np.int64], owners: NDArray[np.intp], files: int) -> Counts:
    """Return the people (2^files,) on each combination of files, as a bitmask; 0 people are on no file.

    Examples
    --------
    >>> count_people(np.array([0, 1, 0, 3]), np.array([0, 0, 1, 1]), files=2).tolist()  # records 0 and 2 are a person
    [0, 1, 1, 1]
    """
    history = np.zeros(len(groups), np.int64)
    np.bitwise_or.at(history, groups, 1 << owners)
    counts = np.bincount(history, minlength=1 << files)
    counts[0] = 0
    return counts.astype(np.int64)


def draw_groups(linked: Linked, times: int = DRAWS, seed: int = 0) -> Iterator[NDArray[np.int64]]:
    """Yield draws of the linkage: the first row of each record's cluster.

    Parameters
    ----------
    linked : Linked
        Links down to a small probability, such as `LEAST`.
    times : int, default 50
        Number of draws.
    seed : int, default 0
        Seed of the draws.

    Yields
    ------
    (records,) int64
        As `Linked.groups`. Each pair is a link with its match probability, independently of other pairs; drawn links
        make clusters by the rules of `clusters`.

    References
    ----------
    .. [1] Sadinle 2018, "Bayesian propagation of record linkage uncertainty into population size estimation of human
       rights violations", Annals of Applied Statistics 12.
    """
    rng = np.random.default_rng(seed)
    chances = probability(linked.weights)
    for _ in range(times):
        drawn = rng.random(len(chances)) < chances
        yield clusters(
            len(linked.ids),
            linked.left[drawn],
            linked.right[drawn],
            np.maximum(linked.weights[drawn], SURE),
            lambda one, two: linked.scores(one, two).weights,
        )


def lists_text(names: Sequence[str], counts: Counts) -> str:
    """Return the table of lists as CSV: a row for each combination of files with people."""
    lines = [",".join(_quote(name) for name in [*names, "count"])]
    for history in np.flatnonzero(counts).tolist():
        bits = [str(history >> place & 1) for place in range(len(names))]
        lines.append(",".join([*bits, str(int(counts[history]))]))
    return "\n".join(lines) + "\n"


def _quote(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"' if set(name) & set(',"\n') else name


def write_lists(
    path: Path,
    names: Sequence[str],
    *,
    owners: NDArray[np.intp],
    groups: NDArray[np.int64],
    draws: Iterable[NDArray[np.int64]],
) -> None:
    """Write the table of lists, and beside it the draws of the linkage with the hash of the table.

    Parameters
    ----------
    path : Path
        CSV file to write.
    names : sequence of str
        Names of the lists, in the order of the files.
    owners : (records,) int
        Position of the file of each record.
    groups : (records,) int64
        First row of each record's cluster.
    draws : iterable of (records,) int64
        The same in each draw; without draws there is no second file.
    """
    text = lists_text(names, count_people(groups, owners, len(names)))
    drawn = [count_people(groups_of_draw, owners, len(names)) for groups_of_draw in draws]
    with atomic_file(path) as part:
        part.write_text(text, encoding="utf-8")
    if drawn:
        document = draws_document(names, file_hash(path), drawn)
        with atomic_file(path.with_name(path.stem + SUFFIX)) as part:
            part.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def draws_document(names: Sequence[str], table_hash: str, draws: Sequence[Counts]) -> Mapping[str, object]:
    """Return the content of the file of draws: pairs of history and people in each draw."""
    people = [[[history, int(counts[history])] for history in np.flatnonzero(counts).tolist()] for counts in draws]
    return {"format": FORMAT, "table": table_hash, "lists": list(names), "draws": people}
