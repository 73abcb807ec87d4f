"""Rates of linkage errors beside the file of the lists, of a study of tokens or of the register.

The file `LISTS.rates.json` belongs to `LISTS.csv`, and `victims.rates.json` to a snapshot `victims.parquet`. It is used
only while the lists have the hash that it states. `kerege tokens overlap` states the rates of each two lists.
`kerege snapshot` states how many links of the register were rechecked, and how many of these were false.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.special import betaincinv

from kerege.base.errors import BadInput, Fault
from kerege.evidence.mse.linkage_errors.correction import HIGHEST
from kerege.evidence.mse.linkage_errors.error_rates import Z80, LinkageRate, LinkageRates
from kerege.evidence.mse.lists import Lists

PairReport = Mapping[str, Any]  # report on two lists, as `kerege tokens overlap --json` writes it
FORMAT, SUFFIX = "kerege-linkage-rates/1", ".rates.json"
LEAST_LISTS = 3  # with two, the rates of the two lists cannot be separated
LEAST_RECHECKED = 20  # links; with fewer their false share is not used
TOKENS, REGISTER = "tokens", "register"  # sources of the rates
SMALLEST = 1e-4  # spread of a rate below which nothing is measured


class Rechecks(NamedTuple):
    """Links of a register that people looked at again, and how many of these were false."""

    checked: int
    false: int


class PairRates(NamedTuple):
    """Missed and false links between two lists: shares of the people on both, and of the links."""

    lists: tuple[str, str]
    missed: LinkageRate
    false: LinkageRate


def rates_path(table: Path) -> Path:
    """Return the path of the rates that belong to a table."""
    return table.with_name(table.stem + SUFFIX)


def read_rates(table: Path, lists: Lists) -> LinkageRates | None:
    """Return the rates beside a file of lists; None if there are none, or they belong to another file.

    Parameters
    ----------
    table : Path
        The CSV file of the lists, or the snapshot.
    lists : Lists
        The lists of this file.

    Returns
    -------
    LinkageRates or None
        Rates with their 80% intervals. None also for two lists, whose own rates cannot be separated.

    Raises
    ------
    BadInput
        If the file of the rates cannot be read.
    """
    path = rates_path(table)
    if not path.is_file() or lists.number < LEAST_LISTS:
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        pairs = [_parse_pair(pair) for pair in document.get("pairs", [])]
        rechecks = _parse_rechecks(document.get("rechecks", {}))
        table_hash, file_format = document["table"], document["format"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(
            Fault("cannot be read", "delete it, or take it from `kerege tokens overlap`", str(path))
        ) from None
    if file_format != FORMAT or table_hash != hashlib.sha256(table.read_bytes()).hexdigest():
        return None
    return rates_of_rechecks(rechecks, lists) if rechecks else combine_pairs(pairs, lists)


def _parse_rechecks(rechecks: PairReport) -> Rechecks | None:
    """Return the rechecked links of the register; None if the file states none."""
    if not rechecks:
        return None
    checked, false = int(rechecks["checked"]), int(rechecks["false"])
    if not 0 <= false <= checked:
        raise ValueError
    return Rechecks(checked, false)


def rates_of_rechecks(rechecks: Rechecks, lists: Lists) -> LinkageRates | None:
    """Return the rates that follow from rechecked links; None if fewer than 20 links were rechecked.

    Parameters
    ----------
    rechecks : Rechecks
        Links that people looked at again, and how many of these were false.
    lists : Lists
        The lists, at least three.

    Returns
    -------
    LinkageRates or None
        The false link rate of the records that are alone. The rechecks do not show missed links, so none are corrected,
        and the floor allows for them where nobody reviewed the linkage.

    Notes
    -----
    The share of false links has a Beta distribution with half a success and half a failure before the data (Jeffreys
    1946). A person on exactly two lists has one link, which is false with this share.

    Examples
    --------
    >>> lists = Lists([1, 2, 4, 3, 5, 6], [2000, 400, 92, 100, 100, 40])
    >>> rates = rates_of_rechecks(Rechecks(checked=150, false=3), lists)
    >>> round(rates.false.value, 4), rates.miss  # 4.8 false links, so 9.6 of 2,501.6 records
    (0.0038, {})
    """
    if rechecks.checked < LEAST_RECHECKED:
        return None
    parameters = rechecks.false + 0.5, rechecks.checked - rechecks.false + 0.5
    low, high = (float(betaincinv(*parameters, chance)) for chance in (0.1, 0.9))
    share = rechecks.false / rechecks.checked
    on_two = np.bitwise_count(lists.histories.astype(np.uint64)) == 2
    on_both, alone = float(lists.counts[on_two].sum()), float(lists.people - lists.repeated)
    low, value, high = (_share_alone(on_both * part, alone) for part in (min(low, share), share, high))
    return LinkageRates({}, LinkageRate(value, low, high), REGISTER)


def _parse_pair(pair: PairReport) -> PairRates:
    """Return the rates of one pair of lists as the report of `kerege tokens overlap` has them."""
    first, second = map(str, pair["lists"])
    missed, false = (
        LinkageRate(float(pair[f"{kind}_links"]), *map(float, pair[f"{kind}_between"])) for kind in ("missed", "false")
    )
    return PairRates((first, second), missed, false)


def combine_pairs(pairs: Sequence[PairRates], lists: Lists) -> LinkageRates | None:
    """Return the rates of the lists from those of each two lists; None if a pair is missing.

    Parameters
    ----------
    pairs : sequence of PairRates
        One for each two lists.
    lists : Lists
        The lists, at least three.

    Returns
    -------
    LinkageRates or None
        For each list the share of its own records that are not linked, and the false link rate of the records that
        are alone.

    Notes
    -----
    If a record of list i fails with probability q_i, a share 1 - (1 - q_i)(1 - q_j) of the people on i and j is missed.
    The q_i are the least squares solution on the logarithms. The false links L are the sum over pairs of the false
    share times the people on exactly these two lists; with S people on one list, the rate is 2 L / (S + 2 L).

    Examples
    --------
    >>> none = LinkageRate(0.0, 0.0, 0.0)
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])
    >>> missed = {("A", "B"): 0.19, ("A", "C"): 0.1, ("B", "C"): 0.1}
    >>> pairs = [PairRates(pair, LinkageRate(rate, rate / 2, rate * 2), none) for pair, rate in missed.items()]
    >>> rates = combine_pairs(pairs, lists)
    >>> {name: round(rate.value, 2) for name, rate in rates.miss.items()}
    {'A': 0.1, 'B': 0.1, 'C': 0.0}
    """
    place = {name: position for position, name in enumerate(lists.names)}
    known = [pair for pair in pairs if set(pair.lists) <= set(place)]
    if len({frozenset(pair.lists) for pair in known}) < lists.number * (lists.number - 1) // 2:
        return None
    design = np.zeros((len(known), lists.number))
    for row, pair in enumerate(known):
        design[row, [place[name] for name in pair.lists]] = 1
    linked = np.array([_log_linked(pair.missed) for pair in known])
    inverse = np.linalg.pinv(design)
    values, spreads = inverse @ linked[:, 0], np.sqrt(inverse**2 @ linked[:, 1] ** 2)
    miss = {name: _rate_of_list(values[position], spreads[position]) for name, position in place.items()}
    return LinkageRates(miss, _combine_false(known, lists, place), TOKENS)


def _log_linked(missed: LinkageRate) -> tuple[float, float]:
    """Return the logarithm of the share that is linked, and its standard deviation."""
    low, value, high = (float(np.log1p(-min(rate, HIGHEST))) for rate in (missed.high, missed.value, missed.low))
    return value, max((high - low) / (2 * Z80), SMALLEST)


def _rate_of_list(log_linked: float, spread: float) -> LinkageRate:
    """Return the share of a list's records that fail; it is never below 0."""
    low, value, high = (
        float(np.clip(-np.expm1(log_linked + shift), 0.0, HIGHEST)) for shift in (Z80 * spread, 0.0, -Z80 * spread)
    )
    return LinkageRate(value, low, high)


def _combine_false(pairs: Sequence[PairRates], lists: Lists, place: Mapping[str, int]) -> LinkageRate:
    """Return the false link rate of the records that are alone."""
    on_both = np.array([_count_exactly(lists, [place[name] for name in pair.lists]) for pair in pairs])
    links = float(on_both @ [pair.false.value for pair in pairs])
    spread = float(np.sqrt(on_both**2 @ np.array([_spread(pair.false) for pair in pairs]) ** 2))
    alone = float(lists.people - lists.repeated)
    low, value, high = (_share_alone(links + shift, alone) for shift in (-Z80 * spread, 0.0, Z80 * spread))
    return LinkageRate(value, low, high)


def _spread(rate: LinkageRate) -> float:
    return (rate.high - rate.low) / (2 * Z80)


def _share_alone(links: float, alone: float) -> float:
    """Return the share of records alone that this number of false links has joined."""
    links = max(links, 0.0)
    return min(2 * links / (alone + 2 * links), HIGHEST) if links else 0.0


def _count_exactly(lists: Lists, places: Sequence[int]) -> float:
    """Return the people on exactly these lists."""
    return float(lists.dense[sum(1 << place for place in places)])
