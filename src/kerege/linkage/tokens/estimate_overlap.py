"""Overlap of lists from tokens: persons by capture history, and expected missed and false links."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.linkage.matching import link_files
from kerege.linkage.matching import model_file as model
from kerege.linkage.matching.clusters import clusters
from kerege.linkage.matching.column_store import Rows, TextColumn
from kerege.linkage.matching.comparison_sql import RecordPairs, evaluate_condition
from kerege.linkage.matching.model_file import Model
from kerege.linkage.matching.uninformative_values import blank_shared_values
from kerege.linkage.tokens.known_pairs import document_place
from kerege.linkage.tokens.match_lists import match_lists
from kerege.linkage.tokens.namesakes import count_known_dates, leave_day_out
from kerege.linkage.tokens.study_key import THRESHOLD
from kerege.linkage.tokens.token_file import Tokens
from kerege.linkage.tokens.tokenise import KNOWN

# pairs with a lower match probability are ignored
LEAST = 1e-4
# true pairs per record, estimated from invented lists of 10,000 persons with a seventh of them on both
OTHERS = 0.36
# comparisons of given names, and the bits below which they do not exclude two members of one family
GIVEN, SPEAKING = ("given", "given_common", "given_rank"), 2.0
NAME, BIRTH = "name_key_l = name_key_r", "birth_date_l = birth_date_r"

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Persons:
    """Persons of each list, by clustering that list alone, and pairs of persons of two lists.

    `of` (records,) is the person of each record. `owner` and `row` (persons,) are the list and one record of each
    person. `left`, `right`, `weights` (pairs,) are the strongest link of each pair, the strongest first. `unnamed`,
    `by_name`, `by_birth` (pairs,) flag weak evidence of given names, agreement in names and agreement in date of birth.
    `by_document` (pairs,) flags a common document, and `undocumented` (pairs,) is the strongest weight without it.
    `dayless` (pairs,) is the weight without the day of pairs born on different days of one year, else -inf.
    """

    of: NDArray[np.int64]
    owner: NDArray[np.int64]
    row: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weights: NDArray[np.float64]
    unnamed: Flags
    by_name: Flags
    by_birth: Flags
    by_document: Flags
    undocumented: NDArray[np.float64]
    dayless: NDArray[np.float64]


@dataclass(frozen=True)
class Overlap:
    """Linked lists and their counts without noise.

    `histories` (2^lists - 1,) counts persons by capture history, bit i for list i, from history 1 on. `together`
    (persons,) is the person of the same cluster on the earliest list. `least` is the match weight of a link, in bits.
    `known` (records,) is the token of each record's code in a reviewed sample, null for the others; None if no list has
    one. `documents` (lists,) is whether each list has numbers of documents. `known_dates` (lists, 2) are the shares of
    the records with a year of birth, and with year and day.
    """

    names: list[str]
    histories: NDArray[np.int64]
    persons: Persons
    together: NDArray[np.int64]
    linked: link_files.Linked
    least: float
    known: pl.Series | None
    documents: tuple[bool, ...]
    known_dates: NDArray[np.float64]

    @property
    def model(self) -> Model:
        """Return the model that scored the links."""
        return self.linked.model

    @property
    def groups(self) -> NDArray[np.int64]:
        """Return (records,) the first record of each record's cluster."""
        return self.persons.row[self.together[self.persons.of]]


@lru_cache
def load_bundled_model() -> Model:
    """Return the bundled model for tokens."""
    text = (resources.files("kerege.linkage.matching") / "models" / "tokens-2.json").read_text("utf-8")
    return model.of_dict(json.loads(text))


def overlap(
    lists: Sequence[Tokens], threshold: float = THRESHOLD, progress: link_files.Progress = link_files.no_progress
) -> Overlap:
    """Link lists of tokens and count the persons of each capture history.

    Parameters
    ----------
    lists : sequence of Tokens
        Token files of one study, a list each.
    threshold : float
        Match probability of a link, between 0 and 1.
    progress : function of a share and a text, optional
        Receives the progress, from 0 to 1.

    Returns
    -------
    Overlap
        `histories`: persons by capture history, without noise. Do not publish them.

    Notes
    -----
    Fellegi and Sunter 1969, "A theory for record linkage", with the bundled model: a model trained on the lists would
    let one more record change many counts.

    Examples
    --------
    >>> from pathlib import Path
    >>> from kerege.linkage.tokens.study_key import Terms
    >>> from kerege.linkage.tokens.token_file import Header
    >>> def tokens(name, numbers):
    ...     header = Header("2026", "", Terms(("a", "b")), "3", name, len(numbers), 0, {}, "2026-11-28")
    ...     return Tokens(Path(name), header, pl.DataFrame({"documents": [[f"{number:016x}"] for number in numbers]}))
    >>> overlap([tokens("a", range(60)), tokens("b", range(40, 100))]).histories.tolist()
    [40, 40, 20]
    """
    # each list alone: otherwise one agency could add names to a telephone number until it is blanked in all lists
    frames = [blank_shared_values(tokens.frame.drop(KNOWN, strict=False)) for tokens in lists]
    frame, least = pl.concat(frames, how="diagonal"), math.log2(threshold / (1 - threshold))
    owner = np.repeat(np.arange(len(lists)), [len(tokens.frame) for tokens in lists])
    linked = _link_tokens(frame, LEAST, progress)
    persons = _pair_persons(linked, owner, _cluster_each_list(frames, threshold))
    names = [tokens.header.list for tokens in lists]
    order = sorted(range(len(lists)), key=lambda place: lists[place].header.terms.lists.index(names[place]))
    together = _match_across_lists(persons, least, order)
    histories = _count_histories(together, persons.owner, len(lists))
    documents = tuple("documents" in frame.columns for frame in frames)
    return Overlap(
        names,
        histories,
        persons,
        together,
        linked,
        least=least,
        known=_collect_known(lists),
        documents=documents,
        known_dates=count_known_dates(frames),
    )


def _collect_known(lists: Sequence[Tokens]) -> pl.Series | None:
    """Return (records,) the tokens of the reviewed sample; None if no list has one."""
    if not any(KNOWN in tokens.frame.columns for tokens in lists):
        return None
    columns = [
        tokens.frame[KNOWN]
        if KNOWN in tokens.frame.columns
        else pl.Series(KNOWN, [None] * len(tokens.frame), pl.String)
        for tokens in lists
    ]
    return pl.concat(columns)


def _link_tokens(
    frame: pl.DataFrame, least: float, progress: link_files.Progress = link_files.no_progress
) -> link_files.Linked:
    """Link with the bundled model, without training.

    A model trained on the lists would let one more record change many counts.
    """
    records = len(frame)
    prior = replace(load_bundled_model(), prior=OTHERS / max(1, records))
    ids = [str(row) for row in range(records)]
    return link_files.link_records(ids, frame, prior, least=least, train=False, shared=False, progress=progress)


def _cluster_each_list(frames: Sequence[pl.DataFrame], threshold: float) -> NDArray[np.int64]:
    """Return (records,) the first row of each person of each list, by clustering that list alone.

    Otherwise one record of one list could join any number of records of another, and noise could not hide it.
    """
    persons_by_list = [_cluster_list(frame, threshold) for frame in frames]
    offsets = np.cumsum([0, *(len(first_rows) for first_rows in persons_by_list[:-1])])
    return np.concatenate([first_rows + rows for first_rows, rows in zip(persons_by_list, offsets, strict=True)])


def _cluster_list(frame: pl.DataFrame, threshold: float) -> NDArray[np.int64]:
    linked = _link_tokens(frame, threshold)
    return clusters(
        len(frame), linked.left, linked.right, linked.weights, lambda left, right: linked.scores(left, right).weights
    )


def _pair_persons(linked: link_files.Linked, owner: NDArray[np.int64], first_rows: NDArray[np.int64]) -> Persons:
    left, right, weights = linked.left, linked.right, linked.weights
    row, person_of = np.unique(first_rows, return_inverse=True)
    is_across = owner[left] != owner[right]
    left_person, right_person = person_of[left[is_across]], person_of[right[is_across]]
    pair = np.minimum(left_person, right_person) * len(row) + np.maximum(left_person, right_person)
    # links are sorted by weight, so the first link of a pair is its strongest
    pairs, first, number = np.unique(pair, return_index=True, return_inverse=True)
    flags = [
        np.bincount(number, flag[is_across], len(pairs)) > 0
        for flag in (_find_agreements(linked, NAME), _find_agreements(linked, BIRTH))
    ]
    order = np.argsort(first)
    strongest = first[order]
    is_common, undocumented = _leave_documents_out(linked, left[is_across], right[is_across])
    by_document = np.bincount(number, is_common, len(pairs)) > 0
    without_document = np.full(len(pairs), -np.inf)
    np.maximum.at(without_document, number, undocumented)
    return Persons(
        person_of,
        owner[row],
        row,
        pairs[order] // len(row),
        pairs[order] % len(row),
        weights[is_across][strongest],
        _has_weak_given_names(linked, left[is_across][strongest], right[is_across][strongest]),
        by_name=flags[0][order],
        by_birth=flags[1][order],
        by_document=by_document[order],
        undocumented=without_document[order],
        dayless=leave_day_out(linked, left[is_across][strongest], right[is_across][strongest]),
    )


def _leave_documents_out(linked: link_files.Linked, left: Rows, right: Rows) -> tuple[Flags, NDArray[np.float64]]:
    """Return (pairs,) whether each pair has a common document, and its match weight without documents."""
    scores, place = linked.scores(left, right), document_place(linked.model)
    bits: NDArray[np.float64] = np.zeros(len(left)) if place is None else scores.parts[place]
    return bits > 0, scores.weights - bits


def _has_weak_given_names(linked: link_files.Linked, left: Rows, right: Rows) -> Flags:
    """Return (pairs,) whether the given names carry little evidence for the pair."""
    parts = linked.scores(left, right).parts
    bits: NDArray[np.float64] = sum(
        (part for comparison, part in zip(linked.model.comparisons, parts, strict=True) if comparison.name in GIVEN),
        np.zeros(len(left)),
    )
    return bits < SPEAKING


def _match_across_lists(persons: Persons, least: float, order: list[int]) -> NDArray[np.int64]:
    """Return (persons,) the first person of each cluster; no cluster holds two persons of one list."""
    is_link = persons.weights >= least
    return match_lists(persons.owner, persons.left[is_link], persons.right[is_link], order)


def _count_histories(together: NDArray[np.int64], owner: NDArray[np.int64], lists: int) -> NDArray[np.int64]:
    history = np.zeros(len(together), np.int64)
    np.bitwise_or.at(history, together, 1 << owner)
    return np.bincount(history[history > 0], minlength=1 << lists)[1:]


def _find_agreements(linked: link_files.Linked, condition: str) -> Flags:
    column = linked.table.get(condition.split(" = ")[0].removesuffix("_l"))
    if not isinstance(column, TextColumn):
        return np.zeros(len(linked.left), np.bool_)
    return evaluate_condition(condition, RecordPairs(linked.table, linked.left, linked.right))
