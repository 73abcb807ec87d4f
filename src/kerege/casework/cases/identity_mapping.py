"""Conversion between the fields of a form and an identity in the vault.

A part of the identity that the form does not show keeps its value.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from kerege.casework.vault.identity import Identity, Name, PaperDocument, full_name, normal_number
from kerege.web.partial_dates import DAY, MONTH, YEAR, PartialDate, iso

PARTS = ("family", "given", "middle")
STATES = {"unknown", "not_asked", "refused", "no"}


def main_names(identity: Identity) -> list[Name]:
    """Return the names of the person in their scripts, without aliases."""
    return [name for name in identity.get("names", []) if name.get("kind", "main") == "main"]


def aliases(identity: Identity) -> list[Name]:
    """Return the aliases of the person."""
    return [name for name in identity.get("names", []) if name.get("kind", "main") != "main"]


def written(name: Name) -> str:
    """Return a name in one line: family name, given name, patronymic."""
    return " ".join(value for part in PARTS if (value := str(name.get(part, "")).strip()))


def birth(identity: Identity) -> PartialDate | None:
    """Return the birth date with its precision (year, month or day); None when it is unknown."""
    parts = [int(part) for part in identity.get("birth_date", "").split("-") if part.isdigit()]
    if not parts:
        return None
    year, month, day = (*parts, 1, 1)[:3]
    return PartialDate(date(year, month, day), (YEAR, MONTH, DAY)[min(len(parts), 3) - 1])


def birth_year(identity: Identity) -> str:
    """Return the year of birth, or '' when it is unknown."""
    year = identity.get("birth_date", "")[:4]
    return year if year.isdigit() else ""


def form_initial(identity: Identity) -> dict[str, Any]:
    """Return the initial values of a person form for an identity."""
    values: dict[str, Any] = {}
    for suffix, name in zip(("", "_2"), main_names(identity), strict=False):
        values |= {f"{part}{suffix}": name.get(part, "") for part in PARTS}
    document = next(iter(identity.get("documents", [])), PaperDocument())
    citizenships = [*identity.get("citizenships", []), "", ""]
    return values | {
        "alias": next((written(name) for name in aliases(identity)), ""),
        "birth": birth(identity),
        "gender": identity.get("gender", ""),
        "citizenship": citizenships[0],
        "citizenship_2": citizenships[1],
        "language": next(iter(identity.get("languages", [])), ""),
        "phone": next(iter(identity.get("phones", [])), ""),
        "safe_contact": identity.get("safe_contact", ""),
        "document_kind": document.get("kind", ""),
        "document_number": document.get("number", ""),
        "document_country": document.get("country", ""),
        "document_verified": bool(document.get("verified")),
    }


def update_identity(data: dict[str, Any], before: Identity | None = None) -> Identity:
    """Return the identity after a form: its fields replaced, all other parts kept."""
    before = before or Identity()
    # "Verified" belongs to one document number, so it has no initial value.
    data = {name: value for name, value in form_initial(before).items() if name != "document_verified"} | data
    after = Identity(**before)
    after["names"] = _names(data, before)
    after["birth_date"] = iso(*data["birth"]) if data.get("birth") else _birth_state(before)
    after["gender"] = data.get("gender", "")
    shown_citizenships = [data.get("citizenship", ""), data.get("citizenship_2", "")]
    after["citizenships"] = _unique([*shown_citizenships, *before.get("citizenships", [])[2:]])
    after["languages"] = _replace_first(before.get("languages", []), data.get("language", ""))
    after["phones"] = _replace_first(before.get("phones", []), data.get("phone", ""))
    after["safe_contact"] = data.get("safe_contact", "")
    after["documents"] = _documents(data, before)
    return cast(Identity, {key: value for key, value in after.items() if value})


def papers(documents: list[PaperDocument]) -> list[PaperDocument]:
    """Return the documents without repetition; of equal ones, a verified entry takes precedence."""
    unique: dict[tuple[str, str, str], PaperDocument] = {}
    for document in documents:
        key = document.get("kind", ""), document.get("country", ""), normal_number(document.get("number", ""))
        if key not in unique or document.get("verified"):
            unique[key] = document
    return list(unique.values())


def display(identity: Identity) -> str:
    """Return the name for pages: the full name, else an alias, else ''."""
    return full_name(identity) or next((written(name) for name in aliases(identity)), "")


def _names(data: dict[str, Any], before: Identity) -> list[Name]:
    """Return main names from the form, further main names, and the aliases with the form's first."""
    main = [_name(data, suffix) for suffix in ("", "_2")] + main_names(before)[2:]
    known_aliases = aliases(before)
    text = data.get("alias", "")
    first = (
        known_aliases[:1]
        if known_aliases and written(known_aliases[0]) == text
        else [Name(kind="alias", given=text)]
        if text
        else []
    )
    return [name for name in main if written(name)] + first + known_aliases[1:]


def _name(data: dict[str, Any], suffix: str) -> Name:
    parts = {part: value for part in PARTS if (value := data.get(f"{part}{suffix}", ""))}
    return cast(Name, {"kind": "main"} | parts)


def _documents(data: dict[str, Any], before: Identity) -> list[PaperDocument]:
    fields = {key: data.get(f"document_{key}", "") for key in ("kind", "number", "country")}
    first = PaperDocument(**{key: value for key, value in fields.items() if value})  # type: ignore[typeddict-item]
    if _is_verified(data, first, before):
        first["verified"] = True
    return ([first] if first else []) + before.get("documents", [])[1:]


def _is_verified(data: dict[str, Any], entry: PaperDocument, before: Identity) -> bool:
    """Return whether a caseworker held this document, now or earlier.

    Another number or country is another document, so an earlier verification does not count for it.
    """
    if not entry.get("number"):
        return False
    if (answer := data.get("document_verified")) is not None:
        return bool(answer)
    earlier = next(iter(before.get("documents", [])), PaperDocument())
    return bool(earlier.get("verified")) and all(earlier.get(k, "") == entry.get(k, "") for k in ("number", "country"))


def _birth_state(before: Identity) -> str:
    """Return the earlier birth date if it is a state such as "refused"; else ''."""
    return value if (value := before.get("birth_date", "")) in STATES else ""


def _replace_first(values: list[str], first: str) -> list[str]:
    """Return the values with the first one replaced."""
    return _unique([first, *values[1:]])


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
