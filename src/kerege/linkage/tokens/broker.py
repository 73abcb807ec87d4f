"""The broker's run from token files to LISTS.csv: checked, written down, told, and the tokens deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerege.linkage import files
from kerege.linkage.tokens import overlap, runs, store
from kerege.linkage.tokens.agency import LEAST_RECORDS
from kerege.linkage.tokens.runs import Entry, Runs
from kerege.linkage.tokens.store import Tokens
from kerege.standard.faults import BadInput, Fault, Refused
from kerege.standard.files import atomic_file

ROUNDINGS = (1, 3, 5, 10)


@dataclass(frozen=True)
class Asked:
    """How to link and tell: least probability of a link, base of the rounding, and whether tokens stay."""

    threshold: float = overlap.THRESHOLD
    base: int = overlap.ROUND
    keep: bool = False


def run(
    paths: Sequence[Path], out: Path, log: Runs, by: str, asked: Asked, progress: files.Progress = files.no_progress
) -> dict[str, Any]:
    """Write LISTS.csv, and tell what is known of the errors. Call it with the log locked.

    Raises BadInput for files that do not belong together, Refused where the result would tell of single people; both
    before anything is written, but a refusal of lists is written down.
    """
    lists = _read(paths, out, asked)
    sketches = [runs.sketch(tokens.rows, log.secret()) for tokens in lists]
    about: Entry = {
        "by": by, "exercise": lists[0].header.exercise, "key": lists[0].header.key, "fold": lists[0].header.fold,
        "lists": [
            {"name": tokens.header.list, "records": tokens.header.records, "left_out": tokens.header.left_out,
             "fingerprint": tokens.fingerprint, "sketch": sketch}
            for tokens, sketch in zip(lists, sketches, strict=True)
        ],
        "threshold": asked.threshold, "round": asked.base,
    }  # fmt: skip
    seed = json.dumps([sorted(tokens.fingerprint for tokens in lists), asked.threshold, asked.base])
    try:
        log.check(lists, sketches)
        found = overlap.overlap(lists, asked.threshold, progress)
        overlap.check_shared(found, log.secret(), seed)
    except Refused as refusal:
        log.append({"kind": "refused", "why": str(refusal), **about})
        raise
    histories = overlap.rounded(found.histories, asked.base, log.secret(), seed)
    text = overlap.table(found.names, histories).write_csv()
    about |= {"model": found.model.version, "result": hashlib.sha256(text.encode()).hexdigest()}
    files_ = [str(tokens.path.resolve()) for tokens in lists]
    # written down before it leaves: a crash from here on loses nothing, and tokens left behind are named
    entry = log.append({"kind": "run", **about, "files": files_, "kept": asked.keep})
    with atomic_file(out) as part:
        part.write_text(text, encoding="utf-8")
        runs.sync(part)
    runs.sync(out.parent)
    deleted = [] if asked.keep else _delete(lists, log, entry)
    return _told(found, lists, histories.sum(), asked, entry, deleted)


def _read(paths: Sequence[Path], out: Path, asked: Asked) -> list[Tokens]:
    if not 0 < asked.threshold < 1:
        raise BadInput(
            Fault(f"--threshold {asked.threshold} is no probability between 0 and 1", "give for example 0.5")
        )
    if asked.base not in ROUNDINGS:
        raise BadInput(Fault(f"--round {asked.base} is not possible", "give 1 (exact), 3, 5 or 10"))
    if out.resolve() in {path.resolve() for path in paths}:
        raise BadInput(Fault("would be written over an input", "name another file", out.name))
    if out.is_dir() or not out.parent.is_dir():
        raise BadInput(Fault("cannot be written there", "name another file or folder", out.name))
    lists = [store.read(path) for path in paths]
    runs.compatible(lists)
    faults = [
        Fault(f"has {len(tokens.frame)} records, and overlaps of so few tell of single people",
              f"leave out lists of fewer than {LEAST_RECORDS}", tokens.path.name)
        for tokens in lists if len(tokens.frame) < LEAST_RECORDS
    ]  # fmt: skip
    if faults:
        raise BadInput(faults)
    return lists


def _delete(lists: Sequence[Tokens], log: Runs, entry: Entry) -> list[str]:
    for tokens in lists:
        tokens.path.unlink(missing_ok=True)
        runs.sync(tokens.path.resolve().parent)
    log.append({"kind": "deleted", "run": entry["seq"]})
    return [tokens.path.name for tokens in lists]


def _told(
    found: overlap.Overlap, lists: Sequence[Tokens], persons: Any, asked: Asked, entry: Entry, deleted: list[str]
) -> dict[str, Any]:
    return {
        "exercise": entry["exercise"], "run": entry["seq"], "model": entry["model"], "result": entry["result"],
        "lists": [{"name": tokens.header.list, "records": tokens.header.records, "left_out": tokens.header.left_out}
                  for tokens in lists],
        "persons": int(persons), "histories": len(found.histories), "round": asked.base,
        # no more digits: they would tell single links
        "pairs": [{"lists": list(each.lists), "missed_links": round(each.missed, 3),
                   "false_links": round(each.false, 3), "false_links_per_record": round(each.false_per_record, 4)}
                  for each in found.rates],
        "deleted": deleted,
    }  # fmt: skip
