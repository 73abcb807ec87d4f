"""The broker's run from token files to LISTS.csv: checked, written down, told, and the tokens deleted.

An exercise is asked once: its first run, one that is refused too, fixes the token files and what is told of them. Any
later run over these files gets the same counts, or sums of them, out of the log.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import atomic_file
from kerege.linkage.matching import link_files
from kerege.linkage.tokens import estimate_overlap, published_counts, study_log, token_file
from kerege.linkage.tokens.encode_file import LEAST_RECORDS
from kerege.linkage.tokens.study_log import Entry, StudyLog
from kerege.linkage.tokens.token_file import Tokens


def run_study(
    paths: Sequence[Path],
    out: Path,
    log: StudyLog,
    by: str,
    keep: bool = False,
    progress: link_files.Progress = link_files.no_progress,
) -> dict[str, Any]:
    """Count who is on which lists, write LISTS.csv, and return the expected linkage errors. Call it with `log` locked.

    `paths` are the token files of all lists of the study; `by` names who runs it; with `keep` they are not deleted.

    Raises BadInput for files that do not belong together, Refused where the result would tell of single people; both
    before anything is written, but a refusal of lists is written down.
    """
    lists = _read(paths, out)
    first = log.first(lists[0].header.key)
    if first is None:
        study_log.whole(lists)
    names, about = [tokens.header.list for tokens in lists], _about(lists, by)
    try:
        if first is None:
            study_log.check_alike(lists)
            about |= _measured(lists, progress)
        else:
            study_log.check_same(lists, first)
        asked = first or about
        counts = estimate_overlap.of_lists([each["name"] for each in asked["lists"]], np.array(asked["counts"]), names)
        estimate_overlap.check_shared(names, counts)
    except Refused as refusal:
        log.append({"kind": "refused", "why": str(refusal), **about})
        raise Refused(f"{refusal} (the token files are still here)") from None
    exact, left_out = asked["epsilon"] is None, len(asked["lists"]) - len(names)
    spread = None if exact else published_counts.deviation(asked["epsilon"], left_out)
    text = estimate_overlap.table(names, counts, spread).write_csv()
    about |= {"result": hashlib.sha256(text.encode()).hexdigest(), "first": first["seq"] if first else None}
    # written down before it leaves: a crash from here on loses nothing, and tokens left behind are named
    entry = log.append({"kind": "run", **about, "kept": keep})
    with atomic_file(out) as part:
        part.write_text(text, encoding="utf-8")
        study_log.sync(part)
    study_log.sync(out.parent)
    deleted = [] if keep else _delete(lists, log, entry)
    return _told(lists, counts, asked, entry, deleted)


def _read(paths: Sequence[Path], out: Path) -> list[Tokens]:
    if out.resolve() in {path.resolve() for path in paths}:
        raise BadInput(Fault("would be written over an input", "name another file", out.name))
    if out.is_dir() or not out.parent.is_dir():
        raise BadInput(Fault("cannot be written there", "name another file or folder", out.name))
    lists = [token_file.read(path) for path in paths]
    study_log.compatible(lists)
    faults = [
        Fault(
            f"has {len(tokens.frame)} records, and overlaps of so few tell of single people",
            f"begin an exercise with lists of at least {LEAST_RECORDS}",
            tokens.path.name,
        )
        for tokens in lists
        if len(tokens.frame) < LEAST_RECORDS
    ]
    if faults:
        raise BadInput(faults)
    return lists


def _about(lists: Sequence[Tokens], by: str) -> Entry:
    header = lists[0].header
    return {
        "by": by,
        "exercise": header.exercise,
        "key": header.key,
        "fold": header.fold,
        "threshold": header.terms.threshold,
        "epsilon": header.terms.epsilon,
        "lists": [
            {
                "name": tokens.header.list,
                "records": tokens.header.records,
                "left_out": tokens.header.left_out,
                "fingerprint": tokens.fingerprint,
            }
            for tokens in lists
        ],
        "files": [str(tokens.path.resolve()) for tokens in lists],
    }


def _measured(lists: Sequence[Tokens], progress: link_files.Progress) -> Entry:
    """What will ever be told of these files. The secret of the noise is kept nowhere: with it, whoever gets the log or
    its backup would take the noise off again."""
    terms, secret = lists[0].header.terms, secrets.token_bytes(32)
    found, epsilon = estimate_overlap.overlap(lists, terms.threshold, progress), terms.epsilon
    counts = (
        found.histories if epsilon is None else published_counts.told(found.names, found.histories, epsilon, secret)
    )
    pairs = [
        # no more digits: without noise they would tell single links
        {
            "lists": list(rates.lists),
            "missed_links": round(rates.missed, 3),
            "false_links": round(rates.false, 3),
            "missed_between": [round(each, 3) for each in rates.missed_between],
            "false_between": [round(each, 3) for each in rates.false_between],
            "false_links_per_record": round(rates.false_per_record, 4),
        }
        for rates in (_noisy(each, len(lists), epsilon, secret) for each in estimate_overlap.rates(found, counts))
    ]
    return {"model": found.model.version, "counts": counts.tolist(), "pairs": pairs}


def _noisy(rates: estimate_overlap.Rates, lists: int, epsilon: float | None, secret: bytes) -> estimate_overlap.Rates:
    """Expected errors with noise of their own."""
    if epsilon is None:
        return rates
    epsilon, names = published_counts.of_rates(epsilon, lists), ",".join(rates.lists)
    wrong, missing = (published_counts.drawn(secret, f"{what} {names}", epsilon) for what in ("wrong", "missing"))
    return replace(
        rates, wrong=rates.wrong + wrong, missing=rates.missing + missing, noise=published_counts.deviation(epsilon)
    )


def _delete(lists: Sequence[Tokens], log: StudyLog, entry: Entry) -> list[str]:
    for tokens in lists:
        tokens.path.unlink(missing_ok=True)
        study_log.sync(tokens.path.resolve().parent)
    log.append({"kind": "deleted", "run": entry["seq"]})
    return [tokens.path.name for tokens in lists]


def _told(
    lists: Sequence[Tokens], counts: NDArray[np.int64], asked: Entry, entry: Entry, deleted: list[str]
) -> dict[str, Any]:
    names = [tokens.header.list for tokens in lists]
    return {
        "exercise": entry["exercise"],
        "run": entry["seq"],
        "first": entry["first"],
        "model": asked["model"],
        "result": entry["result"],
        "lists": [{name: each[name] for name in ("name", "records", "left_out")} for each in entry["lists"]],
        "persons": int(counts.sum()),
        "histories": len(counts),
        "epsilon": asked["epsilon"],
        "noise": 0
        if asked["epsilon"] is None
        else published_counts.likely(asked["epsilon"], len(asked["lists"]) - len(names)),
        "pairs": [each for each in asked["pairs"] if set(each["lists"]) <= set(names)],
        "deleted": deleted,
    }
