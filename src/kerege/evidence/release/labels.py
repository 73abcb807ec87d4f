"""Labels of a release: the file `labels.json`, which keeps them as they were when it was made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from kerege.base.errors import Refused
from kerege.evidence.release import LABELS
from kerege.evidence.release.manifest import LabelsFile, ReleaseContents, as_bytes, hash_content
from kerege.evidence.release.spec import ReleaseSpec
from kerege.vocabulary import codes, languages
from kerege.vocabulary import snapshot_columns as standard
from kerege.vocabulary.kept_labels import FORMAT, KeptLabels

ANSWERS = "answer"  # list of the answer states, which every column may have
LISTS_OF_ESTIMATES = "agency_kind"  # kinds of agencies that make the lists of an estimate


def collect_labels(spec: ReleaseSpec) -> KeptLabels:
    """Return the labels, in all public languages, of each column that a release uses and of all its codes.

    Whole lists are kept: which codes occur in the rows does not show, and a later release has the same codes. Columns
    of files of other origin have no labels.

    Parameters
    ----------
    spec : ReleaseSpec
        Specification of the release.

    Returns
    -------
    KeptLabels
        Labels of the active code lists.
    """
    used = dict.fromkeys(_used_columns(spec))
    columns: dict[str, dict[str, dict[str, str]]] = {}
    lists = dict.fromkeys([ANSWERS, *([LISTS_OF_ESTIMATES] if spec.estimates else [])])
    for unit, name in used:
        try:
            column = standard.column(unit, name)
        except LookupError:
            continue
        columns.setdefault(unit, {})[name] = {lang: column.title(lang) for lang in languages.offered()}
        lists |= dict.fromkeys(_lists_of(column.list))
    units = [unit for unit in dict.fromkeys(unit for unit, _ in used) if unit in standard.units()]
    return KeptLabels(
        format=FORMAT,
        units={unit: {lang: standard.unit(unit).titles[lang] for lang in languages.offered()} for unit in units},
        columns=columns,
        lists={name: _labels_of(name) for name in lists},
    )


def _used_columns(spec: ReleaseSpec) -> Iterator[tuple[str, str]]:
    """Yield unit and name of each column that tables, records and estimates show or filter by."""
    for table in spec.tables:
        yield from ((table.of, name) for name in (*table.by, *table.where))
    for records in spec.microdata:
        yield from ((records.of, name) for name in (*records.columns, *filter(None, [records.cohorts])))
    for estimate in spec.estimates:
        yield from ((estimate.of, name) for name in estimate.where)


def _lists_of(name: str) -> Iterator[str]:
    """Yield the lists of a column and those above them, which a coarser table shows; periods have no list."""
    for part in name.split(":"):
        while part in codes.names():
            yield part
            part = codes.code_list(part).parent_list or ""


def _labels_of(name: str) -> dict[str, dict[str, str]]:
    listed = codes.code_list(name).codes.values()
    return {code.code: {lang: code.labels[lang] for lang in languages.offered()} for code in listed}


def write_labels(spec: ReleaseSpec, folder: Path) -> LabelsFile:
    """Write the labels of a release to its folder and return the file with its hash."""
    content = as_bytes(collect_labels(spec).tree)
    (folder / LABELS).write_bytes(content)
    return LabelsFile(file=LABELS, sha256=hash_content(content))


def read_labels(folder: Path, manifest: ReleaseContents) -> KeptLabels | None:
    """Return the labels that a verified release keeps; None for one of a version that kept none.

    Raises Refused when the file has changed since the release was verified.
    """
    if manifest.labels is None:
        return None
    path = folder / manifest.labels.file
    content = path.read_bytes()
    if hash_content(content) != manifest.labels.sha256:
        raise Refused(f"{path.name} of {folder.name} differs from what was signed")
    return KeptLabels.parsed(json.loads(content), str(path))
