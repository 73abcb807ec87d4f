"""SDMX 3 from releases: structures (SDMX-JSON 2.0, SDMX-ML 3.0), data (SDMX-CSV 2.0, SDMX-ML 3.0).

There is a dataflow per published table, and one for SDG 16.2.2 in the dimensions of the UN's SDG structure. pysdmx
writes all messages. A suppressed observation has no value, OBS_STATUS Q and CONF_STATUS C.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
from pysdmx.io.format import Format
from pysdmx.io.writer import write_sdmx
from pysdmx.model import DataStructureDefinition, Organisation
from pysdmx.model.dataset import ActionType
from pysdmx.model.message import Header

from kerege.publishing.exports import coverage
from kerege.publishing.exports import sdmx_structure as structures
from kerege.publishing.exports.export_folder import open_export
from kerege.publishing.exports.figure_finder import PublishedFigure, Slice
from kerege.publishing.exports.sdg import Observation, get_area, observations
from kerege.publishing.exports.sdmx_structure import Artefact, DataflowSpec, sdmx_id
from kerege.publishing.storage.published_tables import NOT_REPORTED, OTHERS, TOTAL, WITHHELD, PublishedTable
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary import codes, sdg, snapshot_columns
from kerege.vocabulary.population import Key, Population

DATA = "data"
STRUCTURES = {"structure.json": Format.STRUCTURE_SDMX_JSON_2_0_0, "structure.xml": Format.STRUCTURE_SDMX_ML_3_0}
JSON = {Format.STRUCTURE_SDMX_JSON_2_0_0}
MESSAGES = {"csv": Format.DATA_SDMX_CSV_2_0_0, "xml": Format.DATA_SDMX_ML_3_0}
OBSERVED = ("OBS_STATUS", "CONF_STATUS", "COMMENT_OBS", "UPPER_BOUND", "LOWER_BOUND")
OF_TABLE = ("SOURCE_DETAIL", "COMMENT_DSET")
# Dimensions of the UN's SDG structure that this indicator does not use.
UNUSED = (
    "URBANISATION",
    "INCOME_WEALTH_QUANTILE",
    "EDUCATION_LEV",
    "OCCUPATION",
    "CUST_BREAKDOWN",
    "COMPOSITE_BREAKDOWN",
    "DISABILITY_STATUS",
    "ACTIVITY",
    "PRODUCT",
)
INDICATOR = "SDG_16_2_2"
ABOUT = f"""SDMX 3 from releases.

structure.json (SDMX-JSON 2.0) and structure.xml (SDMX-ML 3.0): concepts, code lists, and a data structure and dataflow
for each table of the releases and for SDG 16.2.2. {DATA}/: the observations of each dataflow as SDMX-CSV 2.0 and
SDMX-ML 3.0.

A suppressed observation has no value, OBS_STATUS Q and CONF_STATUS C; it is not zero, unless its comment says
that it can be. The export does not show which suppressed observations are small and which protect them. OBS_STATUS E
is a count rounded or changed to protect people, with its bounds where the release states them. In the tables
TIME_PERIOD is the year of the release, and YEAR, QUARTER or HALF the period that is counted.

{sdg.CAVEAT["en"]}
"""
Rows = list[dict[str, Any]]
Lists = dict[str, dict[str, str]]  # labels by code, by list


def export(year_releases: YearReleases, out: Path, country: str, people: Mapping[Key, Population]) -> dict[str, object]:
    """Write structures and data of a year to the folder `out` and return a summary. Raises BadInput."""
    area, name = get_area(country)
    flows = list(_flows(year_releases, country, area, people))
    lists = structures.codelists(structures.STANDING | {"CL_AREA": {area: name}}, *[lists for _, lists, _ in flows])
    definitions = [structures.data_structure(flow, lists) for flow, _, _ in flows]
    scheme = structures.concepts(*[flow for flow, _, _ in flows])
    with open_export(out, year_releases, "sdmx", ABOUT) as directory:
        artefacts = structures.artefacts(scheme, lists, definitions)
        for file, form in STRUCTURES.items():
            (directory / file).write_text(structure_message(artefacts, form, _header(year_releases)), encoding="utf-8")
        (directory / DATA).mkdir()
        for definition, (_, _, rows) in zip(definitions, flows, strict=True):
            _write(directory / DATA, definition, rows, _header(year_releases))
    return {
        "dataflows": [structures.dataflow(definition).id for definition in definitions],
        "observations": sum(len(rows) for _, _, rows in flows),
    }


def _flows(
    year_releases: YearReleases, country: str, area: str, people: Mapping[Key, Population]
) -> Iterator[tuple[DataflowSpec, Lists, Rows]]:
    """Yield every dataflow with its code lists and rows: the indicator first, then the tables."""
    yield _indicator(year_releases, country, area, people)
    for table in year_releases.tables.values():
        yield _table(year_releases, table, area)


def _indicator(
    year_releases: YearReleases, country: str, area: str, people: Mapping[Key, Population]
) -> tuple[DataflowSpec, Lists, Rows]:
    titles = {series.code: series.title("en") for series in sdg.series()}
    titles |= {series.rate: series.title("en", per=True) for series in sdg.series()}
    lists = {
        "CL_REPORTING_TYPE": {sdg.NATIONAL: "National"},
        "CL_SERIES": titles,
        "CL_TOTAL": {TOTAL: "Total"},
        "CL_SDG_SEX": {
            code: coverage.code_label("victims", "sex", own_code) for own_code, code in sdg.SDMX_SEX.items()
        },
        "CL_SDG_AGE": {
            code: coverage.code_label("victims", "age_group", own_code) for own_code, code in sdg.SDMX_AGE.items()
        },
    }
    dimensions = {
        "FREQ": "CL_FREQ",
        "REPORTING_TYPE": "CL_REPORTING_TYPE",
        "SERIES": "CL_SERIES",
        "REF_AREA": "CL_AREA",
        "SEX": "CL_SDG_SEX",
        "AGE": "CL_SDG_AGE",
    }
    flow = DataflowSpec(
        INDICATOR,
        "SDG 16.2.2, victims of human trafficking",
        dimensions | dict.fromkeys(UNUSED, "CL_TOTAL"),
        (*OBSERVED, "UNIT_MULT", "UNIT_MEASURE", "NATURE", "SOURCE_DETAIL"),
        whole=False,
    )
    return (
        flow,
        lists,
        [_indicator_row(observation, area) for observation in observations(year_releases, country, people)],
    )


def _indicator_row(observation: Observation, area: str) -> dict[str, Any]:
    low, high = observation.bounds or (None, None)
    conf = sdg.CONFIDENTIAL if observation.status == sdg.SUPPRESSED else sdg.FREE
    return dict.fromkeys(UNUSED, TOTAL) | {
        "FREQ": "A",
        "REPORTING_TYPE": sdg.NATIONAL,
        "SERIES": observation.code,
        "REF_AREA": area,
        "SEX": sdg.SDMX_SEX[observation.sex],
        "AGE": sdg.SDMX_AGE[observation.age],
        "TIME_PERIOD": observation.year,
        "OBS_VALUE": observation.value,
        "OBS_STATUS": observation.status,
        "CONF_STATUS": conf,
        "COMMENT_OBS": f"{observation.note} {sdg.CAVEAT['en']}",
        "UPPER_BOUND": high,
        "LOWER_BOUND": low,
        "UNIT_MULT": 0,
        "UNIT_MEASURE": sdg.RATE if observation.rate else sdg.COUNT,
        "NATURE": sdg.COUNTRY_DATA,
        "SOURCE_DETAIL": observation.source,
    }


def _table(year_releases: YearReleases, table: PublishedTable, area: str) -> tuple[DataflowSpec, Lists, Rows]:
    of = table.entry.of
    ids = [structures.dimension_id(name) for name in table.by]
    list_ids = {name: f"CL_{sdmx_id(_list_of(of, name)).upper()}" for name in table.by}
    dimensions = {"FREQ": "CL_FREQ", "REF_AREA": "CL_AREA"} | dict(zip(ids, list_ids.values(), strict=True))
    titles = {id_: coverage.column_title(of, name) for id_, name in zip(ids, table.by, strict=True)}
    flow = DataflowSpec(sdmx_id(table.name).upper(), _title(table), dimensions, OBSERVED, OF_TABLE, names=titles)
    constant = {"FREQ": "A", "REF_AREA": area, "TIME_PERIOD": year_releases.year}
    constant |= dict(
        zip(
            OF_TABLE,
            (coverage.describe_source(year_releases, table), coverage.describe_coverage(year_releases, table)),
            strict=True,
        )
    )
    rows = [
        constant | dict(zip(ids, map(sdmx_id, keys), strict=True)) | _observed(figure)
        for keys, figure in Slice(table, table.by, {}).rows()
    ]
    return flow, {list_ids[name]: _codes(of, name, table) for name in table.by}, rows


def _title(table: PublishedTable) -> str:
    """Return the title of a table; without one, who is counted and by which dimensions."""
    title = table.entry.title["en"]
    by = ", ".join(coverage.column_title(table.entry.of, name).lower() for name in table.by)
    return title if title not in {"", table.name} else coverage.describe_population(table) + (f" by {by}" if by else "")


def _observed(figure: PublishedFigure) -> dict[str, Any]:
    low, high = figure.bounds or (None, None)
    is_suppressed = figure.status == WITHHELD
    status = sdg.SUPPRESSED if is_suppressed else sdg.NORMAL if figure.exact else sdg.ESTIMATED
    return {
        "OBS_VALUE": figure.count,
        "OBS_STATUS": status,
        "CONF_STATUS": sdg.CONFIDENTIAL if is_suppressed else sdg.FREE,
        "COMMENT_OBS": figure.words,
        "UPPER_BOUND": high,
        "LOWER_BOUND": low,
    }


def _list_of(of: str, name: str) -> str:
    try:
        return snapshot_columns.column(of, name).list
    except LookupError:
        return name


def _codes(of: str, name: str, table: PublishedTable) -> dict[str, str]:
    """Return code -> label of a dimension: margins, the whole code list where there is one, other codes."""
    list_name = _list_of(of, name)
    all_codes = list(codes.code_list(list_name).codes) if list_name in codes.names() else []
    occurring = dict.fromkeys([TOTAL, NOT_REPORTED, OTHERS, *all_codes, *table.codes(table.by.index(name))])
    return {code: coverage.code_label(of, name, code) for code in occurring}


def structure_message(artefacts: Sequence[Artefact], form: Format, header: Header) -> str:
    """Return a structure message; in JSON without empty lists, which the standard's schema forbids."""
    text = str(write_sdmx(artefacts, form, header=header))
    return json.dumps(_without_empty_lists(json.loads(text)), ensure_ascii=False, indent=1) if form in JSON else text


def _without_empty_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_empty_lists(item) for name, item in value.items() if item != []}
    return [_without_empty_lists(item) for item in value] if isinstance(value, list) else value


def _header(year_releases: YearReleases) -> Header:
    """Return the message header; it depends on the releases only, so that exports are reproducible."""
    prepared = datetime.fromisoformat(year_releases.releases[0].manifest.created)
    return Header(
        id=f"KEREGE-{year_releases.digest[:16]}", prepared=prepared, sender=Organisation(id=structures.AGENCY)
    )


def _write(directory: Path, definition: DataStructureDefinition, rows: Rows, header: Header) -> None:
    """Write one dataflow in every format."""
    name = definition.id.removeprefix("DSD_")
    for suffix in MESSAGES:
        (directory / f"{name}.{suffix}").write_text(data_message(definition, rows, header, suffix), encoding="utf-8")


def data_message(definition: DataStructureDefinition, rows: Rows, header: Header, suffix: str) -> str:
    """Return one dataflow as a message; `suffix` is a key of MESSAGES.

    This imports pandas through pysdmx, which writes only from pandas frames.
    """
    from pysdmx.io.pd import PandasDataset

    of_dataset = [attribute.id for attribute in definition.components.attributes if attribute.attachment_level == "D"]
    attributes = {name: rows[0][name] for name in of_dataset} if rows else {}
    if suffix == "xml":
        attributes = {name: _escaped(str(value)) for name, value in attributes.items()}
    columns = [component.id for component in definition.components if component.id not in of_dataset]
    records = [{name: "" if row.get(name) is None else str(row[name]) for name in columns} for row in rows]
    frame = pa.Table.from_pylist(records, pa.schema([(name, pa.string()) for name in columns])).to_pandas()
    data = PandasDataset(
        structure=structures.schema(definition), attributes=attributes, data=frame, action=ActionType.Replace
    )
    if suffix == "xml":
        return str(write_sdmx([data], MESSAGES[suffix], header=header))
    return str(write_sdmx([data], MESSAGES[suffix]))


def _escaped(text: str) -> str:
    """Return the attribute of a data set, escaped for XML.

    pysdmx escapes the attributes of observations only, and repeats a backslash.
    """
    return escape(text, {'"': "&quot;", "'": "&apos;", "\\": "&#92;"})
