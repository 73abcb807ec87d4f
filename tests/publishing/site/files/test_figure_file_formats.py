"""Every format of an indicator: fixed bytes, the licence, and titles that try to break it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from pysdmx.io import read_sdmx

from kerege.publishing.site.files import (
    api_indicator,
    archive,
    citation,
    csvw,
    datapackage,
    image,
    json_ld,
    ods,
    people_csv,
    sdmx_files,
)
from kerege.publishing.site.files.figure_file import FigureFile
from tests.publishing.site.files.hand_made import CHART, COUNTED, EMPTY, ESTIMATED, HOSTILE_FIGURE
from tests.publishing.site.files.readers import read_sheets


def in_all_languages(figure: FigureFile) -> dict[str, FigureFile]:
    return {lang: replace(figure, lang=lang) for lang in ("kk", "ru", "en")}


def every_file(figure: FigureFile) -> dict[str, bytes]:
    """Return every file but the picture as PNG."""
    return {
        "csv": people_csv.write(figure),
        "ods": ods.write(figure),
        "csv-metadata.json": csvw.write(figure),
        "datapackage.json": datapackage.write(figure),
        "json": api_indicator.write(in_all_languages(figure)),
        "sdmx.csv": sdmx_files.write(figure, "csv"),
        "sdmx.xml": sdmx_files.write(figure, "xml"),
        "sdmx.structure.json": sdmx_files.write_structure(figure),
        "svg": image.write_svg(figure, CHART),
        "jsonld": json_ld.data_block(json_ld.dataset(figure, "https://stat.example/en/data/")).encode(),
        "bib": citation.write_bibtex(figure),
        "ris": citation.write_ris(figure),
    }


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_same_values_give_the_same_bytes_in_every_language(lang: str) -> None:
    figure = replace(COUNTED, lang=lang)
    assert every_file(figure) == every_file(figure)
    first, second = (archive.write(figure, every_file(figure), {"annual-2025/manifest.json": b"{}"}) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("figure", [COUNTED, ESTIMATED], ids=["counted", "estimated"])
def test_every_description_names_the_licence(figure: FigureFile) -> None:
    for name, content in every_file(figure).items():
        text = ElementTree.tostring(read_sheets(content), encoding="unicode") if name == "ods" else content.decode()
        if name not in {"csv", "sdmx.structure.json"}:  # the licence of these two is in the files beside them
            assert re.search(r"CC-BY-4.0|creativecommons.org/licenses/by/4.0", text), name


def test_a_hostile_title_breaks_no_format() -> None:
    files = every_file(HOSTILE_FIGURE)
    for name in ("csv-metadata.json", "datapackage.json", "json", "sdmx.structure.json", "jsonld"):
        json.loads(files[name])
    assert b"</script" not in files["jsonld"].lower()
    ElementTree.fromstring(files["svg"])
    assert read_sdmx(files["sdmx.xml"].decode(), validate=True).data
    assert re.findall(r"^(?:TY|ER)  - .*$", files["ris"].decode(), re.M) == ["TY  - DATA\r", "ER  - \r"]
    assert files["bib"].count(b"{") - files["bib"].count(rb"\{") == files["bib"].count(b"}") - files["bib"].count(
        rb"\}"
    )


def test_an_indicator_without_any_value_still_gives_valid_files() -> None:
    for name, content in every_file(EMPTY).items():
        assert content, name
