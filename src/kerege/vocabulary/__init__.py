"""The shared vocabulary: code lists, fields, snapshot columns, crosswalks, questionnaires, profiles.

Each public name imports its module at first access. Labels are in Kazakh, Russian and English.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerege.base import lazy_names

if TYPE_CHECKING:
    from kerege.base.errors import BadInput
    from kerege.vocabulary.codes import UnknownCode, UnknownList, choices, code_list, label, parent
    from kerege.vocabulary.ctdc import to_ctdc
    from kerege.vocabulary.htcds import from_htcds, htcds_fields, to_htcds
    from kerege.vocabulary.profile import load_profile
    from kerege.vocabulary.screening import judge, tools
    from kerege.vocabulary.sdg import rate
    from kerege.vocabulary.self_check import validate

_HOMES = {
    "BadInput": "kerege.base.errors",
    "UnknownCode": ".codes",
    "UnknownList": ".codes",
    "choices": ".codes",
    "code_list": ".codes",
    "from_htcds": ".htcds",
    "htcds_fields": ".htcds",
    "judge": ".screening",
    "label": ".codes",
    "load_profile": ".profile",
    "parent": ".codes",
    "rate": ".sdg",
    "to_ctdc": ".ctdc",
    "to_htcds": ".htcds",
    "tools": ".screening",
    "validate": ".self_check",
}

__all__ = [
    "BadInput",
    "UnknownCode",
    "UnknownList",
    "choices",
    "code_list",
    "from_htcds",
    "htcds_fields",
    "judge",
    "label",
    "load_profile",
    "parent",
    "rate",
    "to_ctdc",
    "to_htcds",
    "tools",
    "validate",
]


if not TYPE_CHECKING:  # type checkers read the imports above; a `__getattr__` would hide unknown names from them

    def __getattr__(name: str) -> Any:
        return lazy_names.load(__name__, _HOMES, name)
