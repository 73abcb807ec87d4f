"""Between what a form asks about a person and what the vault keeps of her. What a form does not show is kept."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from kerege.casework.vault.identity import Identity, Name, PaperDocument, full_name, normal_number
from kerege.web.partial_dates import DAY, MONTH, YEAR, PartialDate, iso

PARTS = ("family", "given", "middle")
STATES = {"unknown", "not_asked", "refused", "no"}


def mains(identity: Identity) -> list[Name]:
    """Her names in their scripts, without aliases."""
    return [name for name in identity.get("names", []) if name.get("kind", "main") == "main"]


def aliases(identity: Identity) -> list[Name]:
    """The other names she goes by."""
    return [name for name in identity.get("names", []) if name.get("kind", "main") != "main"]


def written(name: Name) -> str:
    """A name in one line."""
    return " ".join(value for part in PARTS if (value := str(name.get(part, "")).strip()))


def birth(identity: Identity) -> PartialDate | None:
    """The birth date as finely as it is known; None when it is not."""
    parts = [int(part) for part in identity.get("birth_date", "").split("-") if part.isdigit()]
    if not parts:
        return None
    year, month, day = (*parts, 1, 1)[:3]
    return PartialDate(date(year, month, day), (YEAR, MONTH, DAY)[min(len(parts), 3) - 1])


def birth_year(identity: Identity) -> str:
    """The year she was born in, or ''."""
    year = identity.get("birth_date", "")[:4]
    return year if year.isdigit() else ""


def initial(identity: Identity) -> dict[str, Any]:
    """What a form shows of an identity."""
    values: dict[str, Any] = {}
    for suffix, name in zip(("", "_2"), mains(identity), strict=False):
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


def told(data: dict[str, Any], before: Identity | None = None) -> Identity:
    """The identity after a form: its fields replaced, everything that the form does not show kept."""
    before = before or Identity()
    # whether a paper was held is said of its number, and of no other one
    data = {name: value for name, value in initial(before).items() if name != "document_verified"} | data
    after = Identity(**before)
    after["names"] = _names(data, before)
    after["birth_date"] = iso(*data["birth"]) if data.get("birth") else _untold_birth(before)
    after["gender"] = data.get("gender", "")
    shown = [data.get("citizenship", ""), data.get("citizenship_2", "")]
    after["citizenships"] = _unique([*shown, *before.get("citizenships", [])[2:]])
    after["languages"] = _replaced(before.get("languages", []), data.get("language", ""))
    after["phones"] = _replaced(before.get("phones", []), data.get("phone", ""))
    after["safe_contact"] = data.get("safe_contact", "")
    after["documents"] = _documents(data, before)
    return cast(Identity, {key: value for key, value in after.items() if value})


def papers(every: list[PaperDocument]) -> list[PaperDocument]:
    """Documents without repetition; of one that somebody verified, the verified entry."""
    found: dict[tuple[str, str, str], PaperDocument] = {}
    for paper in every:
        key = paper.get("kind", ""), paper.get("country", ""), normal_number(paper.get("number", ""))
        if key not in found or paper.get("verified"):
            found[key] = paper
    return list(found.values())


def texts(identity: Identity) -> list[str]:
    """Ways to look for her: each name, also without the patronymic, and document numbers."""
    names = [written(name) for name in identity.get("names", [])]
    short = [written(Name(family=n.get("family", ""), given=n.get("given", ""))) for n in identity.get("names", [])]
    numbers = [document.get("number", "") for document in identity.get("documents", [])]
    return _unique([*names, *short, *numbers])


def display(identity: Identity) -> str:
    """Her name as pages show it; an alias where no name was told; '' where neither."""
    return full_name(identity) or next((written(name) for name in aliases(identity)), "")


def _names(data: dict[str, Any], before: Identity) -> list[Name]:
    main = [_name(data, suffix) for suffix in ("", "_2")] + mains(before)[2:]
    known = aliases(before)
    text = data.get("alias", "")
    first = known[:1] if known and written(known[0]) == text else [Name(kind="alias", given=text)] if text else []
    return [name for name in main if written(name)] + first + known[1:]


def _name(data: dict[str, Any], suffix: str) -> Name:
    parts = {part: value for part in PARTS if (value := data.get(f"{part}{suffix}", ""))}
    return cast(Name, {"kind": "main"} | parts)


def _documents(data: dict[str, Any], before: Identity) -> list[PaperDocument]:
    fields = {key: data.get(f"document_{key}", "") for key in ("kind", "number", "country")}
    first = PaperDocument(**{key: value for key, value in fields.items() if value})  # type: ignore[typeddict-item]
    if _is_verified(data, first, before):
        first["verified"] = True
    return ([first] if first else []) + before.get("documents", [])[1:]


def _is_verified(data: dict[str, Any], paper: PaperDocument, before: Identity) -> bool:
    """Whether a caseworker says, or said of the same paper, that she held it: another number is another paper."""
    if not paper.get("number"):
        return False
    if (said := data.get("document_verified")) is not None:
        return bool(said)
    known = next(iter(before.get("documents", [])), PaperDocument())
    return bool(known.get("verified")) and all(known.get(k, "") == paper.get(k, "") for k in ("number", "country"))


def _untold_birth(before: Identity) -> str:
    """An answer such as refused stays when no date is told."""
    return value if (value := before.get("birth_date", "")) in STATES else ""


def _replaced(values: list[str], first: str) -> list[str]:
    return _unique([first, *values[1:]])


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
