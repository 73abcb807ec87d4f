"""Names that are the same name in another script or spelling.

`fold` writes a name as the programme's agencies would agree to hear it, `stem` also drops the endings that
only say whose son or daughter, or man or woman, and `skeleton` keeps the consonants. All three work word by word,
keep the order of the words, read at most 400 characters, and accept any text.

Searching. `name_keys` gives the keys of a record, to be hashed into a blind index; `search_keys` gives, for each
word of a query, its keys from the strictest to the loosest. A record is found if **every** word of the query meets the
record in at least one key, in any order of the words; `agreement` says so and ranks: an equal fold weighs 1, an equal
stem 0.8, an equal skeleton 0.5. To widen a search, leave a word out.

Linking. `parts` tells given, family and father's name apart, `diminutives` gives the full names behind a short one,
`schemes.romanise` spells names by the published standards, for benchmarks.
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
