"""Codes that follow from codes of other lists, such as the year of a quarter."""

from __future__ import annotations

from functools import cache

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.vocabulary import codes

# child list -> lists whose code follows from the child's code
PARENTS = {
    "exploitation_form": ("exploitation",),
    "age_band": ("age_group",),
    "gender": ("sex",),
    "quarter": ("half", "year"),
    "half": ("year",),
    "service": ("service_programme",),
}


@cache
def parent(child: str, code: str, above: str) -> str:
    """Return the code of the list `above` for a code of the list `child`; unknown codes stay."""
    if above == "year":
        return code[:4]
    if above == "half" and code[4:6] == "-Q":
        return f"{code[:4]}-H{1 if code[-1] in '12' else 2}"
    entry = codes.code_list(child).codes.get(code) if child in codes.names() else None
    if entry is None:
        return code
    if above == "service_programme":
        return str(entry.extras.get("programme") or NOT_REPORTED)
    return entry.parent or code
