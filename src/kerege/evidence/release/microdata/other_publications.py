"""What a certificate tells of everything else that is published of the same people: what its epsilon does not cover.

All of it is known from releases that are public, or from what the ledger charged, which depends on no record.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kerege.evidence.dp.zcdp import DELTA, rho_to_epsilon
from kerege.evidence.ledger.ledger import ALL, Ledger
from kerege.vocabulary import snapshot_columns as standard

Manifest = Mapping[str, Any]
WORDS = {
    "none": "counted as they are",
    "suppress": "with small counts suppressed",
    "rounding": "rounded",
    "cellkey": "perturbed by cell keys",
    "dp": "with differentially private noise",
}
ANONYMOUS = "k-anonymous"


def beside(draft: Manifest, before: Sequence[Path], ledger: Ledger) -> dict[str, Any]:
    """What else is published of people by a release and by those `before` it, once all of its noise was charged."""
    period = str(draft["period"])
    known = [_manifest(folder) for folder in before]
    releases = [each for each in known if each is not None]
    told = {
        "as_of": draft["created"],
        "release": dict(draft["title"]),
        "this_release": _published([draft]),
        "earlier": {"releases": len(releases), **_published(releases), "folders_without_manifest": known.count(None)},
        "k_anonymous_files": sum(ANONYMOUS in entry.get("methods", []) for entry in ledger.entries()),
        "composed": {"period": _composed(ledger, period), "all_periods": _composed(ledger, ALL)},
    }
    return told | {"words": list(_words(told, period))}


def _manifest(folder: Path) -> Manifest | None:
    """The manifest of a release; None of a folder that has none, whose tables anybody made by whatever method."""
    try:
        found = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("tables"), list) else None


def _published(manifests: Sequence[Manifest]) -> dict[str, Any]:
    """The tables that count people, by unit and method, and the sets of records and estimates, of some releases."""
    tables = Counter(
        (str(entry["of"]), _method(entry))
        for each in manifests
        for entry in each["tables"]
        if standard.personal(str(entry["of"]))
    )
    return {
        "tables": [{"of": of, "method": method, "tables": number} for (of, method), number in sorted(tables.items())],
        "records": sum(len(each.get("microdata", [])) for each in manifests),
        "estimates": sum(len(each.get("estimates", [])) for each in manifests),
    }


def _method(entry: Mapping[str, Any]) -> str:
    """How a table was protected; large ones are rounded where they cannot be suppressed."""
    return "rounding" if "rounded_to" in entry.get("params", {}) else str(entry["method"])


def _composed(ledger: Ledger, period: str) -> dict[str, Any]:
    """What a person lost at most by all that was charged to a period, or may yet lose by what is set aside of it."""
    rho, gone = ledger.held(period), ledger.unlisted(period=period)
    epsilon = rho_to_epsilon(rho, DELTA)
    return {"period": period, "rho": rho, "epsilon": epsilon, "delta": DELTA + gone, "delta_for_unlisted_values": gone}


def _words(told: Mapping[str, Any], period: str) -> Iterable[str]:
    """The same in plain sentences."""
    mine, earlier, files = told["this_release"], told["earlier"], told["k_anonymous_files"]
    yield f"This certificate is of these records alone. What follows is as of {told['as_of']}: later ones add to it."
    held = f"The same release, {told['release']['en']}, also holds {_held(mine, own=True)}."
    yield f"{held} The epsilon of this certificate covers none of it."
    if earlier["releases"] or earlier["folders_without_manifest"]:
        folders = earlier["folders_without_manifest"]
        more = f", and {_many(folders, 'folder')} of tables whose method nobody states" if folders else ""
        before = f"Published before: {_many(earlier['releases'], 'release')} with {_held(earlier)}{more}."
        yield f"{before} It covers none of that either."
    if files:
        were = "was" if files == 1 else "were"
        made = f"{_many(files, 'k-anonymous file')} of people of this ledger {were} made before."
        yield f"{made} No epsilon holds for whoever is in such a file."
    if any(each["method"] != "dp" for part in (mine, earlier) for each in part["tables"]):
        yield (
            "Tables without noise have no epsilon: what they tell of a person adds to what the records tell, and no "
            "number bounds the two together. They were attacked together with each other, not with the records."
        )
    mine_, all_ = (_loss(told["composed"][name]) for name in ("period", "all_periods"))
    noise = f"All that was drawn with noise and charged to the period {period}, these records included, or is set aside"
    yield f"{noise} for revisions costs a person at most {mine_}; of all periods of this ledger together, {all_}."


def _held(part: Mapping[str, Any], *, own: bool = False) -> str:
    by_method = Counter[str]()
    for each in part["tables"]:
        by_method[each["method"]] += each["tables"]
    found = [f"{_many(number, 'table')} {WORDS.get(method, method)}" for method, number in sorted(by_method.items())]
    records = part["records"] - own
    if records:
        found.append(_many(records, "other set" if own else "set") + " of synthetic records")
    if part["estimates"]:
        found.append(_many(part["estimates"], "estimate") + " of the undetected")
    return ", ".join(found) or "no table that counts people"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _loss(composed: Mapping[str, Any]) -> str:
    return f"rho {composed['rho']:.4g}, which is epsilon {composed['epsilon']:.4g} at delta {composed['delta']:.3g}"
