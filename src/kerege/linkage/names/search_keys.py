"""The keys under which a person is found again: small sets of strings for a blind index."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache

from kerege.linkage.names import folding

MOST_WORDS = 12
# no word of a name is longer: a run of letters would fold to a name that it has nothing to do with
MOST_LETTERS = 40
SHORTEST_SKELETON = 3
# what an equal key of a word is worth: fold, stem, skeleton, and the name as written where nothing could be folded
WEIGHTS = {"f": 1.0, "r": 1.0, "s": 0.8, "k": 0.5}


def name_keys(names: Iterable[str]) -> set[str]:
    """The keys of a record with these names: `f:` fold, `s:` stem and `k:` skeleton of each word, `n:` the whole name.

    `n:` holds the folds of a name's words in alphabetical order, so that swapped parts agree. `r:` stands for a word
    that has no fold (signs without a sound, or too long). Words past the twelfth of a name give no keys of their own.
    """
    keys: set[str] = set()
    for name in names:
        words = folding.words(name)
        for word in words[:MOST_WORDS]:
            keys.update(_word_keys(word))
        whole = sorted(filter(None, (folding.fold_word(word) for word in words if len(word) <= MOST_LETTERS)))
        if whole:
            keys.add("n:" + " ".join(whole))
    return keys


def search_keys(query: str) -> list[tuple[str, ...]]:
    """Return for each word of a name the keys that may match it, the strictest first; [] for a text without a word.

    Examples
    --------
    >>> search_keys("Aigul Serikova")
    [('f:aigul', 's:aigul', 'k:akl'), ('f:serikova', 's:serik', 'k:srk')]
    """
    return [keys for word in folding.words(query)[:MOST_WORDS] if (keys := _word_keys(word))]


def agreement(query: Sequence[Sequence[str]], has: Iterable[Hashable]) -> float | None:
    """How well a record with the keys `has` answers `search_keys`: mean weight of its words, or None if one misses.

    For a blind index, pass as `has` the plain keys of the query whose hashes the record holds.
    """
    held = set(has)
    weights = [max((WEIGHTS[key[0]] for key in word if key in held), default=0.0) for word in query]
    if not weights or 0.0 in weights:
        return None
    return sum(weights) / len(weights)


@lru_cache(maxsize=8192)
def _word_keys(word: str) -> tuple[str, ...]:
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
