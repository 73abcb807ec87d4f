"""Statement of a certificate on other publications, which its epsilon does not cover.

It follows from public releases and from the charges of the ledger, so it depends on no record.
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
    """Return the statement on a release and the releases `before` it; call it after all noise is charged."""
    period = str(draft["period"])
    manifests = [_manifest(folder) for folder in before]
    releases = [manifest for manifest in manifests if manifest is not None]
    statement = {
        "as_of": draft["created"],
        "release": dict(draft["title"]),
        "this_release": _count_publications([draft]),
        "earlier": {
            "releases": len(releases),
            **_count_publications(releases),
            "folders_without_manifest": manifests.count(None),
        },
        "k_anonymous_files": sum(ANONYMOUS in entry.get("methods", []) for entry in ledger.entries()),
        "composed": {"period": _composed_loss(ledger, period), "all_periods": _composed_loss(ledger, ALL)},
    }
    return statement | {"words": list(_words(statement, period))}


def _manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a folder.

    None without a valid one, so that the methods of its tables are unknown.
    """
    try:
        tree = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return None
    return tree if isinstance(tree, dict) and isinstance(tree.get("tables"), list) else None


def _count_publications(manifests: Sequence[Manifest]) -> dict[str, Any]:
    """Return the numbers of tables about people by unit and method, of sets of records, and of estimates."""
    tables = Counter(
        (str(entry["of"]), _method(entry))
        for manifest in manifests
        for entry in manifest["tables"]
        if standard.personal(str(entry["of"]))
    )
    return {
        "tables": [{"of": of, "method": method, "tables": number} for (of, method), number in sorted(tables.items())],
        "records": sum(len(manifest.get("microdata", [])) for manifest in manifests),
        "estimates": sum(len(manifest.get("estimates", [])) for manifest in manifests),
    }


def _method(entry: Mapping[str, Any]) -> str:
    """Return the protection method of a table; a suppressed table may be rounded instead."""
    return "rounding" if "rounded_to" in entry.get("params", {}) else str(entry["method"])


def _composed_loss(ledger: Ledger, period: str) -> dict[str, Any]:
    """Return the largest loss of a person by all charges and reserves of a period."""
    rho, delta = ledger.held(period), ledger.unlisted(period=period)
    epsilon = rho_to_epsilon(rho, DELTA)
    return {
        "period": period,
        "rho": rho,
        "epsilon": epsilon,
        "delta": DELTA + delta,
        "delta_for_unlisted_values": delta,
    }


def _words(statement: Mapping[str, Any], period: str) -> Iterable[str]:
    """Yield the statement as sentences."""
    own, earlier, files = statement["this_release"], statement["earlier"], statement["k_anonymous_files"]
    yield (
        f"This certificate is of these records alone. What follows is as of {statement['as_of']}: later ones add to it."
    )
    sentence = f"The same release, {statement['release']['en']}, also holds {_describe_contents(own, is_own=True)}."
    yield f"{sentence} The epsilon of this certificate covers none of it."
    if earlier["releases"] or earlier["folders_without_manifest"]:
        folders = earlier["folders_without_manifest"]
        more = f", and {_count_noun(folders, 'folder')} of tables whose method nobody states" if folders else ""
        before = (
            f"Published before: {_count_noun(earlier['releases'], 'release')} with {_describe_contents(earlier)}{more}."
        )
        yield f"{before} It covers none of that either."
    if files:
        were = "was" if files == 1 else "were"
        files_sentence = f"{_count_noun(files, 'k-anonymous file')} of people of this ledger {were} made before."
        yield f"{files_sentence} No epsilon holds for whoever is in such a file."
    if any(table["method"] != "dp" for part in (own, earlier) for table in part["tables"]):
        yield (
            "Tables without noise have no epsilon: what they tell of a person adds to what the records tell, and no "
            "number bounds the two together. They were attacked together with each other, not with the records."
        )
    period_loss, total_loss = (_describe_loss(statement["composed"][name]) for name in ("period", "all_periods"))
    subject = (
        f"All that was drawn with noise and charged to the period {period}, these records included, or is set aside"
    )
    yield (
        f"{subject} for revisions costs a person at most {period_loss}; of all periods of this ledger together, "
        f"{total_loss}."
    )


def _describe_contents(part: Mapping[str, Any], *, is_own: bool = False) -> str:
    by_method = Counter[str]()
    for table in part["tables"]:
        by_method[table["method"]] += table["tables"]
    phrases = [
        f"{_count_noun(number, 'table')} {WORDS.get(method, method)}" for method, number in sorted(by_method.items())
    ]
    records = part["records"] - is_own
    if records:
        phrases.append(_count_noun(records, "other set" if is_own else "set") + " of synthetic records")
    if part["estimates"]:
        phrases.append(_count_noun(part["estimates"], "estimate") + " of the undetected")
    return ", ".join(phrases) or "no table that counts people"


def _count_noun(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _describe_loss(composed: Mapping[str, Any]) -> str:
    return f"rho {composed['rho']:.4g}, which is epsilon {composed['epsilon']:.4g} at delta {composed['delta']:.3g}"
