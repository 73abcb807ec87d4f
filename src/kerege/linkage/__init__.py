"""Record linkage across spellings, scripts and agencies.

Each public name imports its module at first access. Weights are in bits, probabilities from 0 to 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerege.base import lazy_names

if TYPE_CHECKING:
    from kerege.base.errors import BadInput, Refused
    from kerege.linkage.input.read_tables import read_table
    from kerege.linkage.matching.links import link
    from kerege.linkage.matching.model_file import Model
    from kerege.linkage.names.folding import fold, skeleton
    from kerege.linkage.names.romanisation import romanise
    from kerege.linkage.names.search_keys import search_keys
    from kerege.linkage.register_matching import PersonAttributes, explain, match_person, score_pair
    from kerege.linkage.review.answers import read_answers
    from kerege.linkage.tokens.encode_file import encode_file
    from kerege.linkage.tokens.run_study import run_study
    from kerege.linkage.tokens.study_key import Terms, new_study_key
    from kerege.linkage.tokens.study_log import StudyLog
    from kerege.linkage.tokens.token_file import write_token_file

_HOMES = {
    "BadInput": "kerege.base.errors",
    "Model": ".matching.model_file",
    "PersonAttributes": ".register_matching",
    "Refused": "kerege.base.errors",
    "StudyLog": ".tokens.study_log",
    "Terms": ".tokens.study_key",
    "encode_file": ".tokens.encode_file",
    "explain": ".register_matching",
    "fold": ".names.folding",
    "link": ".matching.links",
    "match_person": ".register_matching",
    "new_study_key": ".tokens.study_key",
    "read_answers": ".review.answers",
    "read_table": ".input.read_tables",
    "romanise": ".names.romanisation",
    "run_study": ".tokens.run_study",
    "score_pair": ".register_matching",
    "search_keys": ".names.search_keys",
    "skeleton": ".names.folding",
    "write_token_file": ".tokens.token_file",
}

_RENAMED = {"Person": "PersonAttributes"}

__all__ = [
    "BadInput",
    "Model",
    "PersonAttributes",
    "Refused",
    "StudyLog",
    "Terms",
    "encode_file",
    "explain",
    "fold",
    "link",
    "match_person",
    "new_study_key",
    "read_answers",
    "read_table",
    "romanise",
    "run_study",
    "score_pair",
    "search_keys",
    "skeleton",
    "write_token_file",
]


if not TYPE_CHECKING:  # type checkers read the imports above; a `__getattr__` would hide unknown names from them

    def __getattr__(name: str) -> Any:
        return lazy_names.load(__name__, _HOMES, name, _RENAMED)
