"""SDMX 3 export, read back with pysdmx: valid by the standard's schemas, and complete."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from pysdmx.io import get_datasets, read_sdmx
from pysdmx.model import Codelist, Dataflow, DataStructureDefinition

from kerege.publishing.exports import sdmx, sdmx_structure
from kerege.vocabulary.population import Population
from tests.publishing import made_exports

PEOPLE = {("KZ", 2025, "_T", "_T"): Population(20_000_000, "Statistics office, 2025", True)}
# Dimensions of the UN's SDG dataflow IAEG-SDGs:DF_SDG_GLH, in order.
UN = [
    "FREQ",
    "REPORTING_TYPE",
    "SERIES",
    "REF_AREA",
    "SEX",
    "AGE",
    "URBANISATION",
    "INCOME_WEALTH_QUANTILE",
    "EDUCATION_LEV",
    "OCCUPATION",
    "CUST_BREAKDOWN",
    "COMPOSITE_BREAKDOWN",
    "DISABILITY_STATUS",
    "ACTIVITY",
    "PRODUCT",
    "TIME_PERIOD",
]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = tmp_path_factory.mktemp("sdmx")
    summary = sdmx.export(made_exports.year_releases(house), house / "out", "KZ", PEOPLE)
    assert summary["dataflows"][:2] == ["DF_SDG_16_2_2", "DF_IOM_YEARS"]  # type: ignore[index]
    return house / "out"


def observed(out: Path, name: str, suffix: str, structure: str = "structure.xml") -> list[dict[str, Any]]:
    (dataset,) = get_datasets(out / "data" / f"{name}.{suffix}", out / structure)
    assert dataset.structure.short_urn == f"Dataflow=KEREGE:DF_{name}(1.0.0)"  # type: ignore[union-attr]
    records = dataset.data.astype(object).to_dict("records")
    return [
        {key: None if value is None or str(value) in {"<NA>", ""} else value for key, value in row.items()}
        for row in records
    ]


@pytest.mark.parametrize("structure", ["structure.json", "structure.xml"])
def test_the_structures_are_valid_by_the_schemas_of_the_standard(out: Path, structure: str) -> None:
    message = read_sdmx(out / structure, validate=True)
    structures = message.structures or []
    flows = [item for item in structures if isinstance(item, Dataflow)]
    assert len(flows) == len([item for item in structures if isinstance(item, DataStructureDefinition)])
    assert len(flows) == len(made_exports.tables()) + 1
    sexes = next(item for item in structures if isinstance(item, Codelist) and item.id == "CL_SEX")
    assert {"_T", "_U", "_O", "female", "male", "transgender"} <= {code.id for code in sexes}


@pytest.mark.parametrize("suffix", ["csv", "xml"])
@pytest.mark.parametrize("structure", ["structure.json", "structure.xml"])
def test_the_indicator_has_the_dimensions_of_the_un(out: Path, suffix: str, structure: str) -> None:
    rows = observed(out, "SDG_16_2_2", suffix, structure)
    assert list(rows[0])[: len(UN)] == UN
    by_key = {(row["SERIES"], row["SEX"], row["AGE"], str(row["TIME_PERIOD"])): row for row in rows}
    count, rate = (by_key[code, "_T", "_T", "2025"] for code in ("VC_HTF_DETV", "VC_HTF_DETVR"))
    assert (count["OBS_VALUE"], count["UNIT_MEASURE"], count["OBS_STATUS"]) == (171, "NUMBER", "A")
    assert (rate["OBS_VALUE"], rate["UNIT_MEASURE"], rate["CONF_STATUS"]) == (0.855, "PER_100000_POP", "F")
    assert by_key["VC_HTF_DETV", "F", "Y0T17", "2025"]["OBS_VALUE"] == 14
    suppressed = by_key["VC_HTF_DETVSX", "M", "_T", "2025"]
    assert (suppressed["OBS_VALUE"], suppressed["OBS_STATUS"], suppressed["CONF_STATUS"]) == (None, "Q", "C")
    assert "not zero" in suppressed["COMMENT_OBS"]
    rounded = by_key["VC_HTF_DETVSX", "F", "_T", "2025"]
    assert (rounded["OBS_VALUE"], rounded["OBS_STATUS"], rounded["LOWER_BOUND"], rounded["UPPER_BOUND"]) == (
        27,
        "E",
        22,
        32,
    )


@pytest.mark.parametrize(
    ("suffix", "names"), [("csv", list(made_exports.tables())), ("xml", ["flows", "exploitation_sex"])]
)
def test_every_figure_of_every_table_is_exported_once(out: Path, suffix: str, names: list[str]) -> None:
    for name in names:
        _, by, _, cells = made_exports.tables()[name]
        rows = observed(out, name.upper(), suffix)
        keys = [tuple(str(row[sdmx_structure.dimension_id(column)]) for column in by) for row in rows]
        assert len(set(keys)) == len(keys) == len(cells)
        for key, row in zip(keys, rows, strict=True):
            cell = cells[key]
            count, status = cell if isinstance(cell, tuple) else (cell, "ok" if cell is not None else "suppressed")
            assert row["OBS_VALUE"] == count
            assert row["OBS_STATUS"] == {"ok": "A", "suppressed": "Q", "perturbed": "E"}[status]
            assert row["CONF_STATUS"] == ("C" if count is None else "F")


def test_a_table_states_its_source_and_coverage(out: Path) -> None:
    (dataset,) = get_datasets(out / "data" / "SEX_AGE.xml", out / "structure.xml")
    assert "Release of 2025 (annual-2025), table sex_age" in dataset.attributes["SOURCE_DETAIL"]
    assert "Programme: State programme; Year: 2025" in dataset.attributes["COMMENT_DSET"]


def test_an_export_is_reproducible_byte_for_byte(out: Path, tmp_path: Path) -> None:
    from kerege.publishing.storage import release_files
    from kerege.publishing.storage.year_releases import YearReleases

    year_releases = YearReleases(2025, release_files.releases_of_year(2025, out.parent))
    sdmx.export(year_releases, tmp_path / "again", "KZ", PEOPLE)
    files = sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("*.*"))
    assert all((out / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in files)


def test_an_empty_observation_has_a_status(out: Path) -> None:
    for path in (out / "data").glob("*.csv"):
        with path.open(newline="") as stream:
            assert all(row["OBS_VALUE"] or row["OBS_STATUS"] in {"Q", "O"} for row in csv.DictReader(stream))


@pytest.mark.parametrize(("column", "name"), [("sex", "SEX"), ("freq", "C_FREQ"), ("2nd form", "C_2ND-FORM")])
def test_every_column_name_gives_a_valid_dimension_id(column: str, name: str) -> None:
    assert sdmx_structure.dimension_id(column) == name
