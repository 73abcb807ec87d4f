"""Survivorship rules: the values of the surviving record, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.identity_mapping import papers, written
from kerege.casework.vault.identity import Identity, Name

# list fields, of which the values of both records can be kept
LISTS = ("names", "citizenships", "documents", "phones", "languages")
# a safe contact rule is dropped only by an explicit choice: by default both texts are kept, one below the other
TEXTS = ("safe_contact",)
JOINED = (*LISTS, *TEXTS)
# fields that the user chooses; other fields keep the surviving record's value, else take the other's
CHOSEN = (*LISTS, "birth_date", "gender", "email", "address", "safe_contact", "contact_rules")
WAYS = ("left", "right", "both")


def default_choice(name: str, left: Any, right: Any) -> str:
    """Return the default choice of a field; '' when the user has to choose between two values."""
    if left == right or not right:
        return "both" if name in LISTS and left and right else "left"
    if name in JOINED and left and right:
        return "both"
    return "" if left else "right"


def merged_values(left: Identity, right: Identity, choices: Mapping[str, str]) -> Identity:
    """Return the values after the merge; raise BadInput with a fault for each field without a choice."""
    left_values, right_values = cast(dict[str, Any], left), cast(dict[str, Any], right)
    faults, merged = [], dict[str, Any]()
    for name in dict.fromkeys([*left_values, *right_values]):
        left_value, right_value = left_values.get(name), right_values.get(name)
        choice = (
            (choices.get(name) or default_choice(name, left_value, right_value))
            if name in CHOSEN
            else ("left" if left_value else "right")
        )
        if choice not in WAYS or (choice == "both" and name not in JOINED):
            faults.append(Fault(gettext_noop("the two records differ"), gettext_noop("choose one"), column=name))
            continue
        value = (
            join_values(name, left_value, right_value)
            if choice == "both"
            else left_value
            if choice == "left"
            else right_value
        )
        if value:
            merged[name] = value
    if faults:
        raise BadInput(faults)
    return cast(Identity, merged)


def join_values(name: str, left: Any, right: Any) -> Any:
    """Return both values without duplicates: lists in order, texts one below the other."""
    if name in TEXTS:
        return "\n".join(dict.fromkeys(filter(None, [left, right])))
    both = [*(left or []), *(right or [])]
    if name == "documents":
        return papers(both)
    distinct: dict[Any, Any] = {}
    for value in both:
        distinct.setdefault(written(cast(Name, value)).casefold() if name == "names" else value, value)
    return list(distinct.values())


def values_after_unmerge(before: Identity, merged: Identity, now: Identity, names: Iterable[str]) -> Identity:
    """Return the values before the merge, with the later changes of the given fields.

    For a list field, later additions and removals are applied.
    """
    result, merged_values, current_values = (cast(dict[str, Any], dict(values)) for values in (before, merged, now))
    for name in names:
        if name in LISTS:
            merged_items, value = merged_values.get(name, []), current_values.get(name, [])
            unchanged = [item for item in result.get(name, []) if item in value or item not in merged_items]
            value = join_values(name, unchanged, [item for item in value if item not in merged_items])
        else:
            value = current_values.get(name)
        result.pop(name, None)
        if value:
            result[name] = value
    return cast(Identity, result)
