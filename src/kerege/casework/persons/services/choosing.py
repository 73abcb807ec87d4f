"""The values of a record that two were merged into: field by field as somebody chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.utils.translation import gettext_noop

from kerege.casework.cases.people import papers, written
from kerege.casework.vault.identity import Identity, Name
from kerege.standard.faults import BadInput, Fault

# fields of which both records' values can be kept
LISTS = ("names", "citizenships", "documents", "phones", "languages")
# fields that somebody sees and chooses; of the others the surviving record's own stay, else what the other has
CHOSEN = (*LISTS, "birth_date", "gender", "email", "address", "safe_contact", "contact_rules")
WAYS = ("left", "right", "both")


def default(name: str, left: Any, right: Any) -> str:
    """What is chosen unless somebody says otherwise; '' where the two differ and somebody has to."""
    if name in LISTS and left and right:
        return "both"
    if left == right or not right:
        return "left"
    return "" if left else "right"


def chosen(left: Identity, right: Identity, choices: Mapping[str, str]) -> Identity:
    """The values after the merge; raises BadInput with a fault for each field that is still to be chosen."""
    one, two = cast(dict[str, Any], left), cast(dict[str, Any], right)
    faults, after = [], dict[str, Any]()
    for name in dict.fromkeys([*one, *two]):
        mine, theirs = one.get(name), two.get(name)
        way = (choices.get(name) or default(name, mine, theirs)) if name in CHOSEN else ("left" if mine else "right")
        if way not in WAYS or (way == "both" and name not in LISTS):
            faults.append(Fault(gettext_noop("the two records differ"), gettext_noop("choose one"), column=name))
            continue
        value = joined(name, mine or [], theirs or []) if way == "both" else mine if way == "left" else theirs
        if value:
            after[name] = value
    if faults:
        raise BadInput(faults)
    return cast(Identity, after)


def joined(name: str, left: list[Any], right: list[Any]) -> list[Any]:
    """Both lists without what stands in both."""
    if name == "documents":
        return cast(list[Any], papers([*left, *right]))
    found: dict[Any, Any] = {}
    for value in [*left, *right]:
        found.setdefault(written(cast(Name, value)).casefold() if name == "names" else value, value)
    return list(found.values())
