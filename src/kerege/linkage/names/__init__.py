"""Comparison of names across scripts and spellings.

`fold` writes a name in one Latin spelling, close to its sound. `stem` also drops patronymic and gender endings.
`skeleton` keeps the consonants. All three work word by word, keep the order of the words, read at most 400 characters
and accept any text.

Search: `name_keys` gives the keys of a record, to be hashed into a blind index. `search_keys` gives for each word of a
query its keys, from the strictest to the loosest. A record is found if every word of the query shares at least one key
with it, in any order. `agreement` checks this and ranks: an equal fold weighs 1, an equal stem 0.8, an equal skeleton
0.5. A query with fewer words finds more.

Linkage: `parts` separates given name, family name and patronymic. `diminutives` gives the full names of a short one.
`romanisation.romanise` spells names by the published standards, for benchmarks.
"""

from __future__ import annotations

from kerege.linkage.names.folding import FOLD_VERSION, fold, skeleton, skeleton_folded, stem, stem_folded
from kerege.linkage.names.name_parts import Parts, diminutives, parts
from kerege.linkage.names.search_keys import agreement, name_keys, search_keys

__all__ = [
    "FOLD_VERSION",
    "Parts",
    "agreement",
    "diminutives",
    "fold",
    "name_keys",
    "parts",
    "search_keys",
    "skeleton",
    "skeleton_folded",
    "stem",
    "stem_folded",
]
