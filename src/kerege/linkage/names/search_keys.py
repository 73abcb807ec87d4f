"""Search keys of names: small sets of strings for a blind index."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache

from kerege.linkage.names import folding

MOST_WORDS = 12
# longest word of a name; a longer run of letters would fold to an unrelated name
MOST_LETTERS = 40
SHORTEST_SKELETON = 3
# weight of an equal key: fold, unfolded word, stem, skeleton
WEIGHTS = {"f": 1.0, "r": 1.0, "s": 0.8, "k": 0.5}


def name_keys(names: Iterable[str]) -> set[str]:
    """Return the search keys of a record, to be hashed into a blind index.

    Parameters
    ----------
    names : iterable of str
        All names of the record, in any script. Words after the twelfth of a name give no keys of their own.

    Returns
    -------
    set of str
        `f:` fold, `s:` stem and `k:` skeleton of each word. `n:` the folds of all words in alphabetical order, so that
        swapped parts agree. `r:` a word without a fold (signs without a sound, or too long).

    Examples
    --------
    >>> sorted(name_keys(["Айгүл"]))
    ['f:aigul', 'k:akl', 'n:aigul', 's:aigul']
    """
    keys: set[str] = set()
    for name in names:
        words = folding.split_words(name)
        for word in words[:MOST_WORDS]:
            keys.update(_list_word_keys(word))
        folds = sorted(filter(None, (folding.fold_word(word) for word in words if len(word) <= MOST_LETTERS)))
        if folds:
            keys.add("n:" + " ".join(folds))
    return keys


def search_keys(query: str) -> list[tuple[str, ...]]:
    """Return for each word of a name its keys, the strictest first; [] for a text without a word.

    Parameters
    ----------
    query : str
        Text that a user types, in any script; the first twelve words count.

    Returns
    -------
    list of tuple of str
        For each word its fold, stem and skeleton, as in `name_keys`.

    Examples
    --------
    >>> search_keys("Aigul Serikova")
    [('f:aigul', 's:aigul', 'k:akl'), ('f:serikova', 's:serik', 'k:srk')]
    """
    return [keys for word in folding.split_words(query)[:MOST_WORDS] if (keys := _list_word_keys(word))]


def agreement(query: Sequence[Sequence[str]], has: Iterable[Hashable]) -> float | None:
    """Return how well a record matches a query: the mean weight of its words.

    Parameters
    ----------
    query : sequence of sequence of str
        Result of `search_keys`.
    has : iterable of hashable
        Keys of the record. For a blind index: the plain keys of the query whose hashes the record contains.

    Returns
    -------
    float, optional
        From 0.5 to 1: an equal fold weighs 1, an equal stem 0.8, an equal skeleton 0.5. None if a word of the query has
        no key in common with the record.

    Examples
    --------
    >>> agreement(search_keys("Serikov"), name_keys(["Серікова"])), agreement(search_keys("Dana"), name_keys(["Айгүл"]))
    (0.8, None)
    """
    record_keys = set(has)
    weights = [max((WEIGHTS[key[0]] for key in word if key in record_keys), default=0.0) for word in query]
    if not weights or 0.0 in weights:
        return None
    return sum(weights) / len(weights)


@lru_cache(maxsize=8192)
def _list_word_keys(word: str) -> tuple[str, ...]:
    folded = folding.fold_word(word) if len(word) <= MOST_LETTERS else ""
    if not folded:
        return ("r:" + word,) if word else ()
    keys = ["f:" + folded]
    if len(folded) > 1:
        keys.append("s:" + folding.stem(folded))
    skeleton = folding.skeleton(folded)
    if len(skeleton) >= SHORTEST_SKELETON:
        keys.append("k:" + skeleton)
    return tuple(keys)
