"""SDMX of one indicator: its structure explains every code; a withheld value is Q and C."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from pysdmx.io import get_datasets, read_sdmx
from pysdmx.model import Codelist, DataStructureDefinition
from pysdmx.model.dataset import Dataset

from kerege.publishing.site.files import sdmx_files
from kerege.publishing.site.files.figure_file import FigureFile
from tests.publishing.site.files.hand_made import COUNTED, ESTIMATED, HOSTILE_FIGURE


def read_structure(content: bytes) -> DataStructureDefinition:
    """Return the data structure of a message that names one."""
    structures = read_sdmx(content.decode(), validate=True).structures or []
    [definition] = [item for item in structures if isinstance(item, DataStructureDefinition)]
    return definition


def list_unexplained(data: bytes, structure: bytes) -> list[str]:
    """Return each value of the data that is no code of the list which the structure gives to its column."""
    [dataset] = cast("list[Dataset]", list(get_datasets(data.decode(), structure.decode())))
    values = dataset.data.astype(object).fillna("").astype(str)  # type: ignore[attr-defined]  # a data frame
    components = {component.id: component for component in read_structure(structure).components}
    unknown = [name for name in values if name not in components]
    for name in set(values) & set(components):
        codes = components[name].local_codes
        if isinstance(codes, Codelist):
            known = {code.id for code in codes}
            unknown += [f"{name}={value}" for value in sorted(set(values[name]) - known)]
    return unknown


@pytest.mark.parametrize("lang", ["kk", "en"])
@pytest.mark.parametrize("figure", [COUNTED, ESTIMATED, HOSTILE_FIGURE], ids=["counted", "estimated", "hostile"])
def test_the_structure_explains_every_column_and_code_of_the_data(figure: FigureFile, lang: str) -> None:
    figure = replace(figure, lang=lang)
    structure = sdmx_files.write_structure(figure)
    assert list_unexplained(sdmx_files.write(figure, "xml"), structure) == []
    named = [component.id for component in read_structure(structure).components]
    header = sdmx_files.write(figure, "csv").decode().splitlines()[0].split(",")
    assert set(header) - {"STRUCTURE", "STRUCTURE_ID", "ACTION"} <= set(named)


def test_a_code_that_the_structure_lacks_is_found() -> None:
    data = sdmx_files.write(COUNTED, "xml").replace(b'PAYER="iom"', b'PAYER="none"')
    assert list_unexplained(data, sdmx_files.write_structure(COUNTED)) == ["PAYER=none"]


def test_withheld_values_and_no_others_are_q_and_c_without_a_number() -> None:
    [dataset] = read_sdmx(sdmx_files.write(COUNTED, "xml").decode(), validate=True).data or []
    rows = dataset.data.fillna("").to_dict("records")  # type: ignore[union-attr]
    withheld = [row for row in rows if row["OBS_STATUS"] == "Q" or row["CONF_STATUS"] == "C"]
    expected = [line for line in COUNTED.lines if line.status == "withheld"]
    assert len(withheld) == len(expected) > 0
    for row in withheld:
        assert (row["OBS_STATUS"], row["CONF_STATUS"]) == ("Q", "C")
        assert (row["OBS_VALUE"], row["LOWER_BOUND"], row["UPPER_BOUND"]) == ("", "", "")
