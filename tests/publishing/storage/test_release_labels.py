"""A release has the labels that it keeps, on every page and in every file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.test import Client
from pypdf import PdfReader

from kerege.publishing.site_check.declared_words import declare
from kerege.publishing.site_check.judge import judge_page
from kerege.publishing.site_check.signed_table import read_table
from kerege.publishing.storage import release_files
from kerege.vocabulary import codes
from tests.cli.test_table import run
from tests.publishing import made

pytestmark = pytest.mark.django_db
KEPT = {"kk": "7747-бап: ескі атауы", "ru": "Ст. 7747: прежнее название", "en": "Art. 7747: former name"}
REGION = {"kk": "Ескі қала", "ru": "Прежний город", "en": "Former city"}
HEADING = {"kk": "Ескі бағана", "ru": "Прежняя графа", "en": "Former heading"}


@pytest.fixture
def release(house: Path) -> Path:
    """Return a release that keeps other labels than the lists of today."""
    out = made.make(house)
    lists = {"offence": {"kz128": KEPT}, "region": {"75": REGION}}
    made.keep_labels(out, lists=lists, columns={"crimes": {"offence": HEADING}})
    return out


@pytest.fixture
def visitor(release: Path) -> Client:
    return Client(HTTP_HOST="localhost")


def read(visitor: Client, path: str) -> bytes:
    answer = visitor.get(path, secure=True)
    assert answer.status_code == 200, path
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def texts_of(name: str, content: bytes) -> Iterator[str]:
    """Yield the texts of a file, also of the files that are packed in it."""
    if name.endswith(".pdf"):
        yield " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)
    elif content[:2] == b"PK":
        with ZipFile(io.BytesIO(content)) as packed:
            for inner in packed.namelist():
                yield from texts_of(inner, packed.read(inner)) if not inner.endswith((".png", ".csv")) else ()
    else:
        yield content.decode("utf-8", "replace")


OFFENCES = (
    *("r/annual-2025/", "f/offences/", "f/offences/annual-2025/", "report/2025/all/"),
    *("report/2025/report.pdf", "f/offences.csv", "f/offences.json", "f/offences.ods", "f/offences.svg"),
    *("f/offences.sdmx-structure.json", "f/offences.zip", "embed/offences/", "t/justice/"),
)


@pytest.mark.parametrize("path", OFFENCES)
def test_every_page_and_file_of_a_release_has_the_labels_that_it_keeps(visitor: Client, path: str) -> None:
    content = "\n".join(texts_of(path, read(visitor, f"/ru/{path}")))
    assert KEPT["ru"] in content
    assert codes.label("offence", "kz128", "ru") not in content
    assert codes.label("offence", "kz308", "ru") in content  # a code whose label the release does not keep


def test_places_and_headings_have_the_labels_of_the_release(visitor: Client) -> None:
    assert KEPT["kk"] in read(visitor, "/kk/f/offences/by/kz128/").decode()
    for path in ("p/", "p/75/", "r/annual-2025/"):
        content = read(visitor, f"/kk/{path}").decode()
        assert REGION["kk"] in content, path
    assert HEADING["kk"] in content


def test_a_release_that_keeps_no_labels_has_those_of_today(house: Path) -> None:
    made.make(house)
    content = read(Client(HTTP_HOST="localhost"), "/ru/f/offences/").decode()
    assert codes.label("offence", "kz128", "ru") in content


def test_an_older_release_does_not_lend_its_labels_to_a_newer_one(release: Path, visitor: Client, house: Path) -> None:
    newer = made.make(house, name="annual-2026", period="2026", created="2026-07-29T09:00:00Z")
    made.keep_labels(newer, lists={"offence": {"kz128": {"ru": "Ст. 78: новое название"}}})
    assert "Ст. 78: новое название" in read(visitor, "/ru/f/offences/").decode()
    pinned = read(visitor, "/ru/f/offences/annual-2025/").decode()
    assert KEPT["ru"] in pinned
    assert "Ст. 78" not in pinned


def test_exports_have_the_labels_of_the_release(release: Path, house: Path) -> None:
    assert run("export", "sdmx", "--year", "2025", "--out", house / "sdmx") == 0
    structure = (house / "sdmx" / "structure.xml").read_text(encoding="utf-8")
    assert KEPT["en"] in structure
    assert codes.label("offence", "kz128", "en") not in structure


def test_the_judge_of_a_site_knows_a_number_in_a_label_that_a_release_keeps(visitor: Client, release: Path) -> None:
    files = release_files.read(release)
    tables = {path.stem: read_table(path.read_bytes(), None, []) for path in (release / "tables").glob("*.csv")}
    page = read(visitor, "/ru/f/offences/annual-2025/").decode()
    assert files.labels is not None
    assert judge_page(page, tables, {}, declare([files.manifest], [files.labels])).faults == []
    assert judge_page(page, tables, {}, declare([files.manifest])).faults
