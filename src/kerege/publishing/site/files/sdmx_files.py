"""SDMX 3 of one indicator: its structure, and its values as SDMX-CSV 2.0 and SDMX-ML 3.0.

The exporter of releases writes the messages. An absent value is no observation; a withheld one has OBS_STATUS Q and
CONF_STATUS C.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pysdmx.io.format import Format
from pysdmx.model import Codelist, DataStructureDefinition, Organisation
from pysdmx.model.message import Header

from kerege.publishing.exports import sdmx
from kerege.publishing.exports import sdmx_structure as structures
from kerege.publishing.exports.sdmx_structure import DataflowSpec, sdmx_id
from kerege.publishing.site.files.figure_file import (
    ABSENT,
    LICENCE_NAME,
    WITHHELD,
    FigureFile,
    Line,
    clean,
    number_text,
)
from kerege.publishing.site.files.file_words import get_words
from kerege.vocabulary import sdg

KINDS = {
    "csv": "application/vnd.sdmx.data+csv; version=2.0.0",
    "xml": "application/vnd.sdmx.data+xml; version=3.0.0",
    "structure.json": "application/vnd.sdmx.structure+json; version=2.0.0",
}
OBSERVED = ("OBS_STATUS", "CONF_STATUS", "COMMENT_OBS", "UPPER_BOUND", "LOWER_BOUND")
OF_DATASET = ("SOURCE_DETAIL", "COMMENT_DSET")
FREQUENCIES = {"A": "Annual", "S": "Half-yearly", "Q": "Quarterly", "M": "Monthly"}
STATUS = {"exact": sdg.NORMAL, WITHHELD: sdg.SUPPRESSED}  # every other value is estimated: E


def write(figure: FigureFile, suffix: str) -> bytes:
    """Return a data message; `suffix` is csv or xml."""
    lists = _lists(figure)
    return sdmx.data_message(_definition(figure, lists), _rows(figure), _header(figure), suffix).encode()


def write_structure(figure: FigureFile) -> bytes:
    """Return the structure message: concepts, code lists, data structure and dataflow."""
    lists = _lists(figure)
    artefacts = structures.artefacts(structures.concepts(_flow(figure)), lists, [_definition(figure, lists)])
    return sdmx.structure_message(artefacts, Format.STRUCTURE_SDMX_JSON_2_0_0, _header(figure)).encode()


def _flow(figure: FigureFile) -> DataflowSpec:
    ids = {structures.dimension_id(dimension.code): dimension.label for dimension in figure.dimensions}
    dimensions = {"FREQ": "CL_FREQ", "REF_AREA": "CL_AREA"} | {name: f"CL_{name}" for name in ids}
    is_whole = all(line.value is None or line.value == int(line.value) for line in figure.lines)
    flow_id = sdmx_id(figure.id).upper().replace("-", "_")
    return DataflowSpec(flow_id, clean(figure.title), dimensions, OBSERVED, OF_DATASET, whole=is_whole, names=ids)


def _lists(figure: FigureFile) -> dict[str, Codelist]:
    labels: dict[str, dict[str, str]] = {"CL_AREA": {figure.area: figure.place}, "CL_FREQ": FREQUENCIES}
    for at, dimension in enumerate(figure.dimensions):
        listed = {line.codes[at]: clean(line.labels[at]) for line in figure.lines}
        labels[f"CL_{structures.dimension_id(dimension.code)}"] = listed
    return structures.codelists(structures.STANDING | labels)


def _definition(figure: FigureFile, lists: dict[str, Codelist]) -> DataStructureDefinition:
    return structures.data_structure(_flow(figure), lists)


def _rows(figure: FigureFile) -> list[dict[str, object]]:
    return [_row(figure, line) for line in figure.lines if line.status != ABSENT]


def _row(figure: FigureFile, line: Line) -> dict[str, object]:
    is_withheld = line.status == WITHHELD
    ids = [structures.dimension_id(dimension.code) for dimension in figure.dimensions]
    words = get_words(figure.lang)
    comment = "" if line.status == "exact" else f"{words.status(line.status)}: {words['meaning'][line.status]}"
    frequency, period = time_period(line.period)
    row: dict[str, object] = dict(zip(ids, map(sdmx_id, line.codes), strict=True))
    return row | {
        "FREQ": frequency,
        "REF_AREA": figure.area,
        "TIME_PERIOD": period,
        "OBS_VALUE": number_text(line.value),
        "OBS_STATUS": STATUS.get(line.status, sdg.ESTIMATED),
        "CONF_STATUS": sdg.CONFIDENTIAL if is_withheld else sdg.FREE,
        "COMMENT_OBS": comment,
        "UPPER_BOUND": number_text(line.upper),
        "LOWER_BOUND": number_text(line.lower),
        "SOURCE_DETAIL": "; ".join(f"{clean(r.title)} ({r.name}), SHA-256 {r.digest}" for r in figure.releases),
        "COMMENT_DSET": clean(" ".join([figure.scope, figure.level, LICENCE_NAME])),
    }


def time_period(period: str) -> tuple[str, str]:
    """Return frequency and SDMX period of a period of a release: 2025, 2025-H1, 2025-Q1, 2021/2025.

    Examples
    --------
    >>> time_period("2025-H1"), time_period("2021/2025")
    (('S', '2025-S1'), ('A', '2021-01-01/P5Y'))
    """
    if match := re.fullmatch(r"(\d{4})-H([12])", period):
        return "S", f"{match[1]}-S{match[2]}"
    if re.fullmatch(r"\d{4}-Q[1-4]", period):
        return "Q", period
    if match := re.fullmatch(r"(\d{4})[/–-](\d{4})", period):
        return "A", f"{match[1]}-01-01/P{int(match[2]) - int(match[1]) + 1}Y"
    return "A", period


def _header(figure: FigureFile) -> Header:
    """Return the header; it depends on the releases only, so that files are reproducible."""
    newest = figure.releases[0] if figure.releases else None
    day = figure.day
    prepared = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else datetime(1980, 1, 1, tzinfo=UTC)
    name = f"KEREGE-{newest.digest[:16] if newest else 'NONE'}"
    return Header(id=name, prepared=prepared, sender=Organisation(id=structures.AGENCY))
