"""Independent readers of the files, which import no writer: values by period and codes.

A value is (number, lower, upper, status); a reader without a field gives None for it.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

from pysdmx.io import read_sdmx
from pysdmx.model.dataset import Dataset

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
Key = tuple[str, ...]


@dataclass(frozen=True)
class Read:
    """Value as a file states it."""

    value: float | None
    lower: float | None
    upper: float | None
    status: str


def _number(text: str) -> float | None:
    return float(text) if text else None


def read_csv(content: bytes, dimensions: list[str]) -> dict[Key, Read]:
    """Return the values of the CSV for people."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return {
        (row["period"], *(row[f"{name}_code"] for name in dimensions)): Read(
            _number(row["value"]), _number(row["lower"]), _number(row["upper"]), row["status"]
        )
        for row in rows
    }


def read_ods(content: bytes) -> list[list[str | float]]:
    """Return the rows of the last sheet: numbers as numbers, texts as texts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
    sheet = list(read_sheets(content).iter(f"{TABLE}table"))[-1]
    return [[_cell(cell) for cell in row.iter(f"{TABLE}table-cell")] for row in sheet.iter(f"{TABLE}table-row")]


def _cell(cell: ElementTree.Element) -> str | float:
    text = "".join(cell.find(f"{TEXT}p").itertext())
    if cell.get(f"{OFFICE}value-type") == "float":
        assert float(cell.get(f"{OFFICE}value", "")) == float(text)
        return float(text)
    return text


def read_json(content: bytes, dimensions: list[str]) -> dict[Key, Read]:
    """Return the values of the API's file."""
    return {
        (value["period"], *(value["codes"][name] for name in dimensions)): Read(
            value["value"], value["lower"], value["upper"], value["status"]
        )
        for value in json.loads(content)["values"]
    }


def read_sdmx_message(content: bytes, dimensions: list[str]) -> dict[Key, Read]:
    """Return the values of an SDMX message, with OBS_STATUS and CONF_STATUS as the status."""
    [data] = read_sdmx(content.decode(), validate=True).data
    assert isinstance(data, Dataset)
    rows = data.data.fillna("").to_dict("records")
    return {
        (
            str(row["TIME_PERIOD"]),
            *(str(row.get(name.upper(), row.get(f"C_{name.upper()}"))) for name in dimensions),
        ): Read(
            _number(row.get("OBS_VALUE", "")),
            _number(row["LOWER_BOUND"]),
            _number(row["UPPER_BOUND"]),
            f"{row['OBS_STATUS']}{row['CONF_STATUS']}",
        )
        for row in rows
    }


def read_sheets(content: bytes) -> ElementTree.Element:
    """Return the content of a spreadsheet as XML."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return ElementTree.fromstring(archive.read("content.xml"))
