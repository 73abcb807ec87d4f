"""Evaluation of a draft's synthetic microdata against the real records, for staff only.

The result lies beside the draft folder, so it is never part of a release. It is deleted together with the draft.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from kerege.base.errors import BadInput, Refused
from kerege.base.multilingual_titles import LANGUAGES
from kerege.evidence.data import snapshot
from kerege.evidence.data.snapshot import Snapshot
from kerege.publishing.storage import source_snapshots
from kerege.publishing.storage.release_files import ReleaseFiles

log = structlog.get_logger("kerege.gate")
FAILED = {"failed": True}


def evaluate(names: Sequence[str], draft: ReleaseFiles, inside: Path) -> None:
    """Write NAME.json and NAME.LANG.html into the folder `inside` for each microdata set of a draft.

    An evaluation that fails leaves `{"failed": true}` in NAME.json and does not stop the check.
    """
    wanted = draft.manifest.get("microdata", [])
    by_unit = {each.unit: each for each in source_snapshots.read(names)} if wanted else {}
    for entry in wanted:
        inside.mkdir(parents=True, exist_ok=True)
        try:
            told = _one(by_unit[entry["of"]], entry, draft.path, inside)
        except (BadInput, Refused) as error:  # an evaluation that cannot be made stops nobody
            log.warning("evaluation failed", error=type(error).__name__)
            told = FAILED
        (inside / f"{entry['name']}.json").write_text(json.dumps(told), encoding="utf-8")


def _one(original: Snapshot, entry: Mapping[str, Any], draft: Path, inside: Path) -> dict[str, Any]:
    # numba and the attacks take a second to load, and most releases have no records
    """Return the summary of one set's evaluation and write its page in each language."""
    from kerege.evidence.synthesis import refit
    from kerege.evidence.synthesis.evaluation.evaluate import SUFFIX, evaluate
    from kerege.evidence.synthesis.evaluation.report_page import page

    name, columns = str(entry["name"]), list(entry["columns"])
    original = replace(original, frame=original.frame.select(columns), multi=original.multi & set(columns))
    with tempfile.TemporaryDirectory() as part:  # where the certificate stands beside the records, as it is looked for
        beside = Path(part) / f"{name}.csv"
        shutil.copyfile(draft / "microdata" / f"{name}.csv", beside)
        shutil.copyfile(draft / "microdata" / f"{name}.certificate.json", beside.with_name(beside.name + SUFFIX))
        found = evaluate(original, snapshot.read(beside, multi=sorted(original.multi)), refit=refit)
    for lang in LANGUAGES:
        (inside / f"{name}.{lang}.html").write_text(page(found, lang), encoding="utf-8")
    told = found.as_dict()
    member = found.privacy.membership if found.privacy else None
    return {
        "lengths": told["quality"]["lengths"],
        "verdicts": told["verdicts"],
        "page": True,
        "auc": member and {"value": member.auc, "high": member.high},
    }
