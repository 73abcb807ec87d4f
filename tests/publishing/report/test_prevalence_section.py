"""The hidden figure in the report: beside the detected total, marked where lists are invented, absent under a stop."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from kerege.evidence.release.prevalence import messages
from kerege.publishing.releases.services import compose as compose_services
from kerege.publishing.report.document import Document, compose
from kerege.publishing.report.formats import pdf, press
from kerege.publishing.report.prevalence_section import ID
from kerege.publishing.report.write_folder import write
from kerege.publishing.storage import release_files
from kerege.publishing.storage.editions import Edition
from tests.publishing import made

Make = Callable[..., Edition]
LANGUAGES = ("kk", "ru", "en")
pytestmark = pytest.mark.django_db


def told(doc: Document) -> str:
    """Everything that a reader is told, pictures left out, spaces as usual ones."""
    parts = [doc.lead, *doc.more, *doc.detected.paragraphs, *(f"{value} {caption}" for value, caption in doc.keys)]
    release = press.compose(doc)
    parts += [*release.body, release.caution]
    for figure in doc.detected.figures:
        parts += [figure.heading, figure.alt, *figure.sentences]
    return " ".join(parts).replace("\u00a0", " ")


def printed(doc: Document) -> str:
    """The words of the PDF."""
    pages = PdfReader(io.BytesIO(pdf.to_pdf(doc))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u00a0", " ").split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_range_stands_beside_the_detected_total_in_every_text(edition: Make, lang: str) -> None:
    doc = compose(edition(estimate=made.estimated()), lang)
    numbers = ("1,343", "2,200", "3,100") if lang == "en" else ("1 343", "2 200", "3 100")
    for text in (told(doc), printed(doc), " ".join(doc.more).replace("\u00a0", " ")):
        assert all(number in text for number in numbers)
    assert doc.figures[ID].drawing is not None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_invented_lists_say_so_beside_the_planted_truth(edition: Make, lang: str) -> None:
    doc = compose(edition(estimate=made.estimated()), lang)
    drawing = doc.figures[ID].drawing
    assert drawing is not None
    notice = messages.INVENTED[lang]
    for picture in (drawing.wide, drawing.titled):
        assert notice in picture
    assert notice[:30] in drawing.narrow
    assert notice in printed(doc)
    assert "557" in told(doc)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lists_of_real_people_are_not_called_invented(edition: Make, lang: str) -> None:
    content = made.estimated(invented=False)
    del content["notice"], content["planted"]
    doc = compose(edition(estimate=content), lang)
    assert messages.INVENTED[lang] not in told(doc)
    assert messages.ROWS["planted"][lang] not in [row.head for row in doc.figures[ID].rows]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("rule", ["wide", "few_overlaps"])
def test_under_a_stop_rule_the_reason_stands_and_no_figure(edition: Make, lang: str, rule: str) -> None:
    doc = compose(edition(estimate=made.stopped(rule)), lang)
    assert messages.RULES[rule][lang] in told(doc)
    assert doc.detected.figures == ()
    assert "343" not in told(doc)
    assert ID not in doc.figures


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_an_estimate_the_report_says_that_there_is_none(edition: Make, lang: str) -> None:
    doc = compose(edition(), lang)
    never = [text for text in doc.text["detected"]["told"] if text.startswith("{if_never_estimated}")]
    assert never[0].removeprefix("{if_never_estimated}") in doc.detected.paragraphs
    assert doc.detected.figures == ()


def test_the_headline_methods_come_first_whatever_the_file_says(edition: Make) -> None:
    rows = [row.head for row in compose(edition(estimate=made.estimated()), "en").figures[ID].rows]
    assert rows[3:5] == [messages.NAMES["stepwise"]["en"], messages.NAMES["bic"]["en"]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_of_real_people_nothing_is_said_of_methods_that_are_not_shown(edition: Make, lang: str) -> None:
    content = made.estimated(invented=False, methods={}, sensitivity=[])
    for key in ("notice", "planted"):
        del content[key]
    figure = compose(edition(estimate=content), lang).figures[ID]
    assert [row.head for row in figure.rows] == [messages.ROWS["detected"][lang], messages.ROWS["between"][lang]]
    shown, alone = (
        {"kk": "екі цифр", "ru": "двух цифр", "en": "two digits"}[lang],
        {"kk": "ірі қадам", "ru": "крупным", "en": "coarse"}[lang],
    )
    assert alone in figure.note
    assert shown not in figure.note
    assert figure.alt
    assert figure.drawing is not None
    assert "80%" not in figure.drawing.wide


def test_a_single_year_is_called_one(edition: Make) -> None:
    doc = compose(edition(estimate=made.estimated(period="2025")), "ru")
    assert "За 2025 год выявлено" in told(doc)


def test_a_rounded_total_is_told_as_about(edition: Make) -> None:
    total = {"table": "detected", "count": 1340, "status": "perturbed"}
    assert "about 1,340" in told(compose(edition(estimate=made.estimated(detected=total)), "en"))


def test_pages_offer_the_picture_and_the_figures(house: Path, client: Client) -> None:
    release = made.make(house, estimate=made.estimated())
    page = client.get("/en/").content.decode()
    assert f'id="{ID}"' in page
    csv = client.get("/en/2025/data/undetected.csv")
    assert csv.content == (release / "estimates" / "undetected.csv").read_bytes()
    assert client.get(f"/en/2025/charts/{ID}.svg").status_code == 200
    assert client.get(f"/kk/2025/figures/{ID}/").status_code == 200
    own = client.get("/ru/releases/annual-2025/").content.decode()
    assert "Оценка числа невыявленных" in own
    assert messages.INVENTED["ru"] in own
    assert client.get("/ru/releases/annual-2025/estimates/undetected.svg").status_code == 200


def test_a_stopped_estimate_is_told_on_the_page_of_its_release(house: Path, client: Client) -> None:
    made.make(house, estimate=made.stopped())
    own = client.get("/en/releases/annual-2025/").content.decode()
    assert "No estimate is published." in own
    assert messages.RULES["wide"]["en"] in own


def test_the_written_folder_holds_the_figures_and_the_picture(house: Path) -> None:
    release = made.make(house, estimate=made.estimated())
    write(Edition(2025, release_files.of_year(2025)), ("en",), house / "out")
    data = house / "out" / "en" / "data" / "undetected.invented-data.csv"
    assert data.read_bytes() == (release / "estimates" / "undetected.csv").read_bytes()
    assert messages.INVENTED["en"] in (house / "out" / "en" / "charts" / f"{ID}.svg").read_text(encoding="utf-8")


def test_an_estimate_leaves_a_composition_with_the_table_that_it_stands_beside(house: Path, make_actor: Any) -> None:
    analyst = make_actor("analyst")
    detected = {"name": "detected", "of": "victims", "by": [], "where": {"year": "2025"}}
    wanted = {"name": "undetected", "of": "victims", "period": "2025"}
    sex = {"name": "sex", "of": "victims", "by": ["sex"]}
    told = {"title": dict.fromkeys(LANGUAGES, "T"), "period": "2025", "table": [detected, sex], "estimate": [wanted]}
    row = compose_services.create(analyst, told)
    compose_services.remove_table(analyst, row, "sex")
    row.refresh_from_db()
    assert row.spec["estimate"] == [wanted]
    compose_services.put_table(analyst, row, detected | {"where": {"year": "2024"}}, "detected")
    row.refresh_from_db()
    assert row.spec["estimate"] == []
