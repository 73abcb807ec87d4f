"""Statement of a certificate on other publications, which its epsilon does not cover.

It follows from public releases and from the charges of the ledger, so it depends on no record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kerege.base.message_text import count_noun
from kerege.evidence.dp.zcdp import DELTA, rho_to_epsilon
from kerege.evidence.ledger.budgets import ALL
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release.manifest import DraftManifest, TableEntry
from kerege.evidence.release.stated_release import StatedPart, StatedRelease
from kerege.vocabulary import snapshot_columns as standard

WORDS = {
    "none": "counted as they are",
    "suppress": "with small counts suppressed",
    "rounding": "rounded",
    "cellkey": "perturbed by cell keys",
    "dp": "with differentially private noise",
}
ANONYMOUS = "k-anonymous"


def describe_other_publications(
    draft: DraftManifest, sets: int, before: Sequence[Path], ledger: Ledger
) -> dict[str, Any]:
    """Return the statement on a release with `sets` sets of records and the releases `before` it.

    Call it after all noise is charged.
    """
    period = draft.period
    stated = [StatedRelease.read(folder) for folder in before]
    releases = [release for release in stated if release is not None and release.tables is not None]
    own = _count_tables(draft.tables) | {"records": sets, "estimates": len(draft.estimates)}
    statement = {
        "as_of": draft.created,
        "release": dict(draft.title),
        "this_release": own,
        "earlier": {
            "releases": len(releases),
            **_count_tables(table for release in releases for table in release.tables or []),
            "records": sum(release.microdata for release in releases),
            "estimates": sum(release.estimates for release in releases),
            "folders_without_manifest": len(stated) - len(releases),
        },
        "k_anonymous_files": sum(ANONYMOUS in entry.methods for entry in ledger.entries()),
        "composed": {"period": _composed_loss(ledger, period), "all_periods": _composed_loss(ledger, ALL)},
    }
    return statement | {"words": list(_words(statement, period))}


def _count_tables(entries: Iterable[TableEntry | StatedPart]) -> dict[str, Any]:
    """Return the numbers of tables about people by unit and method."""
    tables = Counter((entry.of, _method(entry)) for entry in entries if standard.personal(entry.of))
    return {
        "tables": [{"of": of, "method": method, "tables": number} for (of, method), number in sorted(tables.items())]
    }


def _method(entry: TableEntry | StatedPart) -> str:
    """Return the protection method of a table; a suppressed table may be rounded instead."""
    return "rounding" if "rounded_to" in entry.params else entry.method


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
        f"This certificate covers these records alone. The rest is as of {statement['as_of']}: later ones add to it."
    )
    sentence = f"The same release, {statement['release']['en']}, also holds {_describe_contents(own, is_own=True)}."
    yield f"{sentence} The epsilon of this certificate covers none of it."
    if earlier["releases"] or earlier["folders_without_manifest"]:
        folders = earlier["folders_without_manifest"]
        more = f", and {count_noun(folders, 'folder')} of tables whose method nobody states" if folders else ""
        before = (
            f"Published before: {count_noun(earlier['releases'], 'release')} with {_describe_contents(earlier)}{more}."
        )
        yield f"{before} It covers none of that either."
    if files:
        were = "was" if files == 1 else "were"
        files_sentence = f"{count_noun(files, 'k-anonymous file')} of people of this ledger {were} made before."
        yield f"{files_sentence} No epsilon holds for the people in such a file."
    if any(table["method"] != "dp" for part in (own, earlier) for table in part["tables"]):
        yield (
            "Tables without noise have no epsilon: the information that they reveal about a person adds to that of the "
            "records, and no number bounds the two together. The disclosure risk assessment examines each figure that "
            "is not published together with the count of the records, within the noise of combinations of one to three "
            "values. The risk of longer combinations is not known."
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
        f"{count_noun(number, 'table')} {WORDS.get(method, method)}" for method, number in sorted(by_method.items())
    ]
    records = part["records"] - is_own
    if records:
        phrases.append(count_noun(records, "other set" if is_own else "set") + " of synthetic records")
    if part["estimates"]:
        phrases.append(count_noun(part["estimates"], "estimate") + " of the undetected")
    return ", ".join(phrases) or "no table that counts people"


def _describe_loss(composed: Mapping[str, Any]) -> str:
    return f"rho {composed['rho']:.4g}, which is epsilon {composed['epsilon']:.4g} at delta {composed['delta']:.3g}"
