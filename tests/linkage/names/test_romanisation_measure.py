"""Rates at which two spellings of one name fold alike, and two names collide.

The spellings are made by the standards.

`python -m tests.linkage.names.test_romanisation_measure` prints the table; the test holds what has been reached.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations

import pytest

from kerege.linkage.names import fold, skeleton, stem
from kerege.linkage.names.romanisation import CommonName, common_names, romanise, schemes

LANGUAGES = ("kk", "ru", "uz", "ky", "tg", "tk")
LEVELS: dict[str, Callable[[str], str]] = {"fold": fold, "stem": stem, "skeleton": skeleton}
# these schemes drop distinctions (German writes ж and ш, з and с alike), so they are counted separately
LOSSY = frozenset({"german", "polish", "turkish", "passport_french"})


@dataclass
class Agreement:
    """Counts of agreeing spellings of one name, and of different names with a spelling in common."""

    alike: int = 0
    spellings: int = 0
    collide: int = 0
    names: int = 0
    by_scheme: Counter[str] = field(default_factory=Counter)

    @property
    def equal(self) -> float:
        return self.alike / self.spellings


@cache
def spelled(name: str, scheme: str) -> str:
    return romanise(name, scheme)


def measure(language: str, level: str, without: Iterable[str] = ()) -> Agreement:
    """Measure the names of one language at one level.

    It uses all schemes of the language except those in `without`.
    """
    write, agreement = LEVELS[level], Agreement()
    used = [s.name for s in schemes().values() if language in s.languages and s.name not in set(without)]
    names = [name for name in common_names() if name.language == language]
    meets: dict[str, set[CommonName]] = defaultdict(set)
    for name in names:
        spellings = {scheme: spelled(name.name, scheme) for scheme in used}
        keys = {text: write(text) for text in {name.name, *spellings.values()}}
        for a, b in combinations(keys.values(), 2):
            agreement.spellings += 1
            agreement.alike += a == b
        agreement.by_scheme.update(scheme for scheme, text in spellings.items() if keys[text] == keys[name.name])
        for key in keys.values():
            meets[key].add(name)
    pairs = (frozenset(pair) for met in meets.values() for pair in combinations(met, 2))
    agreement.collide = sum(len({(n.kind, n.sex) for n in pair}) == 1 for pair in set(pairs))
    kinds = Counter((name.kind, name.sex) for name in names)
    agreement.names = sum(n * (n - 1) // 2 for n in kinds.values())
    return agreement


# level, schemes left out, at least this share alike, at most this many of a million pairs of names collide
REACHED = [
    ("fold", LOSSY, 0.985, 50),
    ("fold", frozenset(), 0.86, 80),
    ("stem", frozenset(), 0.87, 100),
    ("skeleton", frozenset(), 0.94, 1600),
]


@pytest.mark.parametrize(("level", "without", "alike", "collide"), REACHED)
def test_agreement_and_collisions_do_not_get_worse(
    level: str, without: frozenset[str], alike: float, collide: int
) -> None:
    agreements = [measure(language, level, without) for language in LANGUAGES]
    assert sum(f.alike for f in agreements) / sum(f.spellings for f in agreements) >= alike
    assert sum(f.collide for f in agreements) / sum(f.names for f in agreements) * 1e6 <= collide


def _print() -> None:
    for without in (LOSSY, frozenset()):
        print("without " + ", ".join(sorted(without)) if without else "all schemes")
        for level in LEVELS:
            agreements = {language: measure(language, level, without) for language in LANGUAGES}
            columns = "  ".join(f"{language} {f.equal:.4f}/{f.collide}" for language, f in agreements.items())
            alike = sum(f.alike for f in agreements.values()) / sum(f.spellings for f in agreements.values())
            print(
                f"  {level:9}{alike:.4f} alike, {sum(f.collide for f in agreements.values())} collide of "
                f"{sum(f.names for f in agreements.values())}   {columns}"
            )
    for language in LANGUAGES:
        total = sum(name.language == language for name in common_names())
        by_scheme = measure(language, "fold").by_scheme
        print(language, " ".join(f"{scheme} {count / total:.3f}" for scheme, count in sorted(by_scheme.items())))


if __name__ == "__main__":
    _print()
