"""The values of a record that two were merged into: field by field as somebody chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.identity_mapping import papers, written
from kerege.casework.vault.identity import Identity, Name

# fields of which both records' values can be kept
LISTS = ("names", "citizenships", "documents", "phones", "languages")
# a rule that keeps her safe is never dropped unless somebody says so: of two both stand, one below the other
TEXTS = ("safe_contact",)
JOINED = (*LISTS, *TEXTS)
# fields that somebody sees and chooses; of the others the surviving record's own stay, else what the other has
CHOSEN = (*LISTS, "birth_date", "gender", "email", "address", "safe_contact", "contact_rules")
WAYS = ("left", "right", "both")


def default(name: str, left: Any, right: Any) -> str:
    """What is chosen unless somebody says otherwise; '' where the two differ and somebody has to."""
    if left == right or not right:
        return "both" if name in LISTS and left and right else "left"
    if name in JOINED and left and right:
        return "both"
    return "" if left else "right"


def chosen(left: Identity, right: Identity, choices: Mapping[str, str]) -> Identity:
    """The values after the merge; raises BadInput with a fault for each field that is still to be chosen."""
    one, two = cast(dict[str, Any], left), cast(dict[str, Any], right)
    faults, after = [], dict[str, Any]()
    for name in dict.fromkeys([*one, *two]):
        mine, theirs = one.get(name), two.get(name)
        way = (choices.get(name) or default(name, mine, theirs)) if name in CHOSEN else ("left" if mine else "right")
        if way not in WAYS or (way == "both" and name not in JOINED):
            faults.append(Fault(gettext_noop("the two records differ"), gettext_noop("choose one"), column=name))
            continue
        value = joined(name, mine, theirs) if way == "both" else mine if way == "left" else theirs
        if value:
            after[name] = value
    if faults:
        raise BadInput(faults)
    return cast(Identity, after)


def joined(name: str, left: Any, right: Any) -> Any:
    """Both values without what stands in both: lists one behind the other, texts one below the other."""
    if name in TEXTS:
        return "\n".join(dict.fromkeys(filter(None, [left, right])))
    both = [*(left or []), *(right or [])]
    if name == "documents":
        return papers(both)
    found: dict[Any, Any] = {}
    for value in both:
        found.setdefault(written(cast(Name, value)).casefold() if name == "names" else value, value)
    return list(found.values())


def carried(before: Identity, merged: Identity, now: Identity, names: Iterable[str]) -> Identity:
    """Values of before a merge, with what was changed in these fields since; of a list what was added and taken out."""
    after, old, new = (cast(dict[str, Any], dict(values)) for values in (before, merged, now))
    for name in names:
        if name in LISTS:
            was, value = old.get(name, []), new.get(name, [])
            stays = [one for one in after.get(name, []) if one in value or one not in was]
            value = joined(name, stays, [one for one in value if one not in was])
        else:
            value = new.get(name)
        after.pop(name, None)
        if value:
            after[name] = value
    return cast(Identity, after)
