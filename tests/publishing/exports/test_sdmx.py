"""SDMX 3 from a release, read back with pysdmx: the standard's own schemas hold, every figure is there."""

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
# the header of the UN's SDG dataflow IAEG-SDGs:DF_SDG_GLH, dimensions only
UN = [
    "FREQ", "REPORTING_TYPE", "SERIES", "REF_AREA", "SEX", "AGE", "URBANISATION", "INCOME_WEALTH_QUANTILE",
    "EDUCATION_LEV", "OCCUPATION", "CUST_BREAKDOWN", "COMPOSITE_BREAKDOWN", "DISABILITY_STATUS", "ACTIVITY", "PRODUCT",
    "TIME_PERIOD",
]  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = tmp_path_factory.mktemp("sdmx")
    told = sdmx.export(made_exports.edition(house), house / "out", "KZ", PEOPLE)
    assert told["dataflows"][:2] == ["DF_SDG_16_2_2", "DF_IOM_YEARS"]  # type: ignore[index]
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
def test_the_structures_hold_to_the_schemas_of_the_standard(out: Path, structure: str) -> None:
    message = read_sdmx(out / structure, validate=True)
    found = message.structures or []
    flows = [each for each in found if isinstance(each, Dataflow)]
    assert len(flows) == len([each for each in found if isinstance(each, DataStructureDefinition)])
    assert len(flows) == len(made_exports.tables()) + 1
    sexes = next(each for each in found if isinstance(each, Codelist) and each.id == "CL_SEX")
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
    hidden = by_key["VC_HTF_DETVSX", "M", "_T", "2025"]
    assert (hidden["OBS_VALUE"], hidden["OBS_STATUS"], hidden["CONF_STATUS"]) == (None, "Q", "C")
    assert "not zero" in hidden["COMMENT_OBS"]
    near = by_key["VC_HTF_DETVSX", "F", "_T", "2025"]
    assert (near["OBS_VALUE"], near["OBS_STATUS"], near["LOWER_BOUND"], near["UPPER_BOUND"]) == (27, "E", 22, 32)


@pytest.mark.parametrize(
    ("suffix", "names"), [("csv", list(made_exports.tables())), ("xml", ["flows", "exploitation_sex"])]
)
def test_every_figure_of_every_table_is_there_once(out: Path, suffix: str, names: list[str]) -> None:
    for name in names:
        _, by, _, cells = made_exports.tables()[name]
        rows = observed(out, name.upper(), suffix)
        keys = [tuple(str(row[sdmx_structure.dimension(column)]) for column in by) for row in rows]
        assert len(set(keys)) == len(keys) == len(cells)
        for key, row in zip(keys, rows, strict=True):
            cell = cells[key]
            count, status = cell if isinstance(cell, tuple) else (cell, "ok" if cell is not None else "suppressed")
            assert row["OBS_VALUE"] == count
            assert row["OBS_STATUS"] == {"ok": "A", "suppressed": "Q", "perturbed": "E"}[status]
            assert row["CONF_STATUS"] == ("C" if count is None else "F")


def test_a_table_says_where_it_comes_from_and_whom_it_covers(out: Path) -> None:
    (dataset,) = get_datasets(out / "data" / "SEX_AGE.xml", out / "structure.xml")
    assert "Release of 2025 (annual-2025), table sex_age" in dataset.attributes["SOURCE_DETAIL"]
    assert "Programme: State programme; Year: 2025" in dataset.attributes["COMMENT_DSET"]


def test_an_export_can_be_made_again_to_the_byte(out: Path, tmp_path: Path) -> None:
    from kerege.publishing.storage import release_files
    from kerege.publishing.storage.editions import Edition

    again = Edition(2025, release_files.of_year(2025, out.parent))
    sdmx.export(again, tmp_path / "again", "KZ", PEOPLE)
    files = sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("*.*"))
    assert all((out / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in files)


def test_no_cell_of_the_csv_is_empty_without_a_status(out: Path) -> None:
    for path in (out / "data").glob("*.csv"):
        with path.open(newline="") as stream:
            assert all(row["OBS_VALUE"] or row["OBS_STATUS"] in {"Q", "O"} for row in csv.DictReader(stream))


@pytest.mark.parametrize(("column", "name"), [("sex", "SEX"), ("freq", "C_FREQ"), ("2nd form", "C_2ND-FORM")])
def test_a_column_of_any_name_is_a_dimension(column: str, name: str) -> None:
    assert sdmx_structure.dimension(column) == name
