"""Evaluation of a draft's synthetic microdata against the real records, for staff only.

The result lies beside the draft folder, so it is never part of a release. It is deleted together with the draft.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data import snapshot
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release.manifest import MicrodataEntry
from kerege.publishing.storage import source_snapshots
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary import languages

log = structlog.get_logger("kerege.gate")
FAILED = {"failed": True}


def evaluate(names: Sequence[str], draft: ReleaseFiles, inside: Path) -> None:
    """Write NAME.json and NAME.LANG.html into the folder `inside` for each microdata set of a draft.

    An evaluation that fails leaves `{"failed": true}` in NAME.json and does not stop the check. Noisy counts without
    records have no evaluation.
    """
    sets = [entry for entry in draft.manifest.microdata if entry.has_records]
    by_unit = {source.unit: source for source in source_snapshots.read_snapshots(names)} if sets else {}
    for entry in sets:
        inside.mkdir(parents=True, exist_ok=True)
        try:
            result = _evaluate_set(by_unit[entry.of], entry, draft.path, inside)
        except (BadInput, Refused) as error:
            log.warning("evaluation failed", error=type(error).__name__)
            result = FAILED
        (inside / f"{entry.name}.json").write_text(json.dumps(result), encoding="utf-8")


def _evaluate_set(original: Snapshot, entry: MicrodataEntry, draft: Path, inside: Path) -> dict[str, Any]:
    # Numba and the evaluators take a second to load, and most releases hold no microdata.
    """Return the summary of one set's evaluation and write its page in each language."""
    from kerege.evidence.synthesis import refit
    from kerege.evidence.synthesis.evaluation.evaluate import SUFFIX, evaluate
    from kerege.evidence.synthesis.evaluation.report_page import page

    name, columns = entry.name, list(entry.columns)
    original = replace(original, frame=original.frame.select(columns), multi=original.multi & set(columns))
    with tempfile.TemporaryDirectory() as directory:  # the evaluator looks for the certificate beside the records
        records_file = Path(directory) / f"{name}.csv"
        shutil.copyfile(draft / "microdata" / f"{name}.csv", records_file)
        shutil.copyfile(
            draft / "microdata" / f"{name}.certificate.json", records_file.with_name(records_file.name + SUFFIX)
        )
        evaluation = evaluate(original, snapshot.read(records_file, multi=sorted(original.multi)), refit=refit)
    for lang in languages.offered():
        (inside / f"{name}.{lang}.html").write_text(page(evaluation, languages.nearest(lang)), encoding="utf-8")
    summary = evaluation.as_dict()
    membership = evaluation.privacy.membership if evaluation.privacy else None
    return {
        "lengths": summary["quality"]["lengths"],
        "verdicts": summary["verdicts"],
        "page": True,
        "auc": membership and {"value": membership.auc, "high": membership.high},
    }
