"""The broker's run from token files to LISTS.csv: check, count, log, write, and delete the tokens.

A study answers once. Its first run, even if refused, fixes the token files and the published counts. A later run over
these files returns the same counts, or sums of them, from the log.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import atomic_file, sync
from kerege.linkage.matching import link_files
from kerege.linkage.tokens import (
    estimate_overlap,
    link_error_rates,
    overlap_counts,
    published_counts,
    study_log,
    token_file,
)
from kerege.linkage.tokens.encode_file import LEAST_RECORDS
from kerege.linkage.tokens.known_pairs import LEAST_KNOWN
from kerege.linkage.tokens.study_key import study_of
from kerege.linkage.tokens.study_log import Entry, StudyLog
from kerege.linkage.tokens.study_report import StudyReport
from kerege.linkage.tokens.token_file import Tokens

RATES_FORMAT, RATES_SUFFIX = "kerege-linkage-rates/1", ".rates.json"  # the file beside LISTS.csv


def run_study(
    paths: Sequence[Path],
    out: Path,
    log: StudyLog,
    by: str,
    keep: bool = False,
    progress: link_files.Progress = link_files.no_progress,
) -> StudyReport:
    """Count the persons on each combination of lists and write LISTS.csv; return the expected errors.

    LISTS.rates.json beside it has the expected errors, for `kerege estimate`.

    Call it with `log` locked.

    Parameters
    ----------
    paths : sequence of Path
        Token files of all lists of the study.
    out : Path
        CSV file to write: a row for each capture history, as `kerege estimate` reads it.
    log : StudyLog
        Log of the broker. A later run over the same files returns the counts of the first.
    by : str
        The user who runs the study, for the log.
    keep : bool
        Whether the token files are kept. Default: they are deleted.
    progress : function of a share and a text, optional
        Receives the progress, from 0 to 1.

    Returns
    -------
    StudyReport
        A dict that draws itself (`plot`) and gives data frames (`to_frame`): `persons`, `counts` of the combinations
        of lists, `histories` (their number), `noise` (95% bound of the noise of a count, in persons), `pairs` (missed
        and false link rates of each two lists), `deleted` (token files), and the entry of the log.

    Raises
    ------
    BadInput
        If the files do not belong to one study, or a list has fewer than 50 records. Nothing was written.
    Refused
        If the result would identify a person: nearly equal lists, another file than in the first run, or a list that
        shares fewer than 15 persons with the others. The refusal is logged.

    Notes
    -----
    Links: Fellegi and Sunter 1969, "A theory for record linkage". Noise: Ghosh, Roughgarden and Sundararajan 2012,
    "Universally utility-maximizing privacy mechanisms", SIAM Journal on Computing 41.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from kerege.linkage import Terms, encode_file, new_study_key, write_token_file
    >>> key = new_study_key("2026", Terms(("police", "shelter"), epsilon=None))  # exact counts
    >>> with TemporaryDirectory() as folder:
    ...     files = []
    ...     for name, numbers in ("police", range(60)), ("shelter", range(30, 90)):
    ...         table, tokens = Path(folder, f"{name}.csv"), Path(folder, f"{name}.parquet")
    ...         _ = table.write_text("id,passport\\n" + "".join(f"{n},N{n * 7919 + 1000000}\\n" for n in numbers))
    ...         encoded = encode_file(table, key, name, {})
    ...         write_token_file(tokens, encoded.header, encoded.frame)
    ...         files.append(tokens)
    ...     log = StudyLog(Path(folder, "log"))
    ...     with log.locked():
    ...         report = run_study(files, Path(folder, "LISTS.csv"), log, by="broker")
    >>> report["persons"], report["deleted"]
    (90, ['police.parquet', 'shelter.parquet'])
    """
    lists = _read(paths, out)
    first_run = log.first(lists[0].header.key)
    if first_run is None:
        study_log.check_complete(lists)
    names, fields = [tokens.header.list for tokens in lists], _log_entry(lists, by)
    try:
        if first_run is None:
            study_log.check_different(lists)
            fields |= _measure(lists, progress)
        else:
            study_log.check_same_files(lists, first_run)
        source = first_run or fields
        counts = overlap_counts.counts_of_lists(
            [row["name"] for row in source["lists"]], np.array(source["counts"]), names
        )
        overlap_counts.check_shared(names, counts)
    except Refused as refusal:
        log.append({"kind": "refused", "why": str(refusal), **fields})
        raise Refused(f"{refusal} (the token files are still here)") from None
    is_exact, left_out = source["epsilon"] is None, len(source["lists"]) - len(names)
    noise_deviation = None if is_exact else published_counts.deviation(source["epsilon"], left_out)
    text = overlap_counts.overlap_table(names, counts, noise_deviation).write_csv()
    fields |= {"result": hashlib.sha256(text.encode()).hexdigest(), "first": first_run["seq"] if first_run else None}
    # log before output: after a crash from here on, the run is logged and its leftover tokens are known
    entry = log.append({"kind": "run", **fields, "kept": keep})
    with atomic_file(out) as part:
        part.write_text(text, encoding="utf-8")
        sync(part)
    _write_rates(out, fields["result"], _pairs_of(source, names))
    sync(out.parent)
    deleted = [] if keep else _delete(lists, log, entry)
    return _report(lists, counts, source, entry, deleted)


def _pairs_of(source: Entry, names: Sequence[str]) -> list[Entry]:
    """Return the error rates of each two of the lists."""
    return [pair for pair in source["pairs"] if set(pair["lists"]) <= set(names)]


def _write_rates(out: Path, result: str, pairs: Sequence[Entry]) -> None:
    """Write the error rates beside the table, with its hash; `kerege estimate` reads them with the table."""
    document = {"format": RATES_FORMAT, "table": result, "pairs": list(pairs)}
    with atomic_file(out.with_name(out.stem + RATES_SUFFIX)) as part:
        part.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _read(paths: Sequence[Path], out: Path) -> list[Tokens]:
    if out.resolve() in {path.resolve() for path in paths}:
        raise BadInput(Fault("would overwrite an input", "name another file", out.name))
    if out.is_dir() or not out.parent.is_dir():
        raise BadInput(Fault("cannot be written there", "name another file or folder", out.name))
    lists = [token_file.read(path) for path in paths]
    study_log.check_compatible(lists)
    faults = [
        Fault(
            f"has {len(tokens.frame)} records, and overlaps of so few disclose individuals",
            f"begin a study with lists of at least {LEAST_RECORDS}",
            tokens.path.name,
        )
        for tokens in lists
        if len(tokens.frame) < LEAST_RECORDS
    ]
    if faults:
        raise BadInput(faults)
    return lists


def _log_entry(lists: Sequence[Tokens], by: str) -> Entry:
    header = lists[0].header
    return {
        "by": by,
        "study": header.study,
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


def _measure(lists: Sequence[Tokens], progress: link_files.Progress) -> Entry:
    """Return everything that is ever published about these files.

    The secret of the noise is not stored: with it, a person with the log or its backup could remove the noise.
    """
    terms, secret = lists[0].header.terms, secrets.token_bytes(32)
    overlap, epsilon = estimate_overlap.overlap(lists, terms.threshold, progress), terms.epsilon
    counts = (
        overlap.histories
        if epsilon is None
        else published_counts.noisy_counts(overlap.names, overlap.histories, epsilon, secret)
    )
    pairs = [
        # rounded: with more digits, exact results would reveal single links
        {
            "lists": list(rates.lists),
            "missed_links": round(rates.missed, 3),
            "false_links": round(rates.false, 3),
            "missed_between": [round(rate, 3) for rate in rates.missed_between],
            "false_between": [round(rate, 3) for rate in rates.false_between],
            "false_links_per_record": round(rates.false_per_record, 4),
            "reviewed_pairs": _count_reviewed(rates),
        }
        for rates in (
            _add_noise(exact, len(lists), epsilon, secret)
            for exact in link_error_rates.rates(overlap, counts, is_exact=epsilon is None)
        )
    ]
    return {"model": overlap.model.version, "counts": counts.tolist(), "pairs": pairs}


def _count_reviewed(rates: link_error_rates.LinkageErrors) -> int:
    """Return the pairs of a reviewed sample on which the rate of missed links rests."""
    known = rates.known
    return round(known.count) if known is not None and known.is_sample and known.count >= LEAST_KNOWN else 0


def _add_noise(
    rates: link_error_rates.LinkageErrors, lists: int, epsilon: float | None, secret: bytes
) -> link_error_rates.LinkageErrors:
    """Add noise to the expected linkage errors."""
    if epsilon is None:
        return rates
    known, namesakes, names = rates.known, rates.namesakes, ",".join(rates.lists)
    epsilon = published_counts.rate_epsilon(
        epsilon, lists, knows_pairs=known is not None, knows_namesakes=namesakes is not None
    )
    wrong, missing, linked, missed, same_names = (
        published_counts.draw_noise(secret, f"{what} {names}", epsilon)
        for what in ("wrong", "missing", "known linked", "known missed", "namesakes")
    )
    noise = published_counts.deviation(epsilon)
    return replace(
        rates,
        wrong=rates.wrong + wrong,
        missing=rates.missing + missing,
        noise=noise,
        known=None if known is None else known.with_noise(linked, missed, noise),
        namesakes=None if namesakes is None else namesakes.with_noise(same_names, noise),
    )


def _delete(lists: Sequence[Tokens], log: StudyLog, entry: Entry) -> list[str]:
    for tokens in lists:
        tokens.path.unlink(missing_ok=True)
        sync(tokens.path.resolve().parent)
    log.append({"kind": "deleted", "run": entry["seq"]})
    return [tokens.path.name for tokens in lists]


def _report(
    lists: Sequence[Tokens], counts: NDArray[np.int64], source: Entry, entry: Entry, deleted: list[str]
) -> StudyReport:
    names = [tokens.header.list for tokens in lists]
    return StudyReport(
        study=study_of(entry),
        run=entry["seq"],
        first=entry["first"],
        model=source["model"],
        result=entry["result"],
        lists=[{name: row[name] for name in ("name", "records", "left_out")} for row in entry["lists"]],
        persons=int(counts.sum()),
        histories=len(counts),
        counts=counts.tolist(),
        epsilon=source["epsilon"],
        noise=0
        if source["epsilon"] is None
        else published_counts.noise_bound(source["epsilon"], len(source["lists"]) - len(names)),
        pairs=_pairs_of(source, names),
        deleted=deleted,
    )
