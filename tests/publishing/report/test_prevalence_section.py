"""Report section on the unobserved population: interval, mark of invented lists, publication rules."""

from __future__ import annotations

import io
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from kerege.evidence.release.prevalence import messages
from kerege.publishing.releases.services import compose as compose_services
from kerege.publishing.report.document import ReportDocument, compose
from kerege.publishing.report.formats import pdf, press
from kerege.publishing.report.prevalence_section import ID
from kerege.publishing.report.write_folder import write
from kerege.publishing.storage import release_files
from kerege.publishing.storage.year_releases import YearReleases
from tests.publishing import made

Make = Callable[..., YearReleases]
LANGUAGES = ("kk", "ru", "en")
pytestmark = pytest.mark.django_db


def report_text(doc: ReportDocument) -> str:
    """Return all text of the report, without pictures and with plain spaces."""
    parts = [doc.lead, doc.estimate.headline, *doc.estimate.level, doc.estimate.notice, *doc.undetected]
    parts += [f"{tile.value} {tile.caption}" for tile in doc.tiles] + [quote.sentence for quote in doc.quotes]
    release = press.compose_press_release(doc)
    parts += [*release.body, *release.estimate, release.notice, *release.notes]
    parts += [doc.chapters[-1].finding, *doc.chapters[-1].bullets]
    for figure in doc.chapters[-1].figures:
        parts += [figure.heading, figure.alt, *figure.sentences]
    return " ".join(parts).replace("\u00a0", " ")


def pdf_text(doc: ReportDocument) -> str:
    """Return the text of the PDF."""
    pages = PdfReader(io.BytesIO(pdf.to_pdf(doc))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u00a0", " ").split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_has_the_interval_and_marks_invented_lists(year_releases: Make, lang: str) -> None:
    doc = compose(year_releases(estimate=made.estimated()), lang)
    printed = pdf_text(doc)
    # the interval is beside the detected total
    numbers = ("1,343", "2,200", "3,100") if lang == "en" else ("1 343", "2 200", "3 100")
    for text in (
        report_text(doc),
        printed,
        " ".join([doc.estimate.headline, *doc.estimate.level]).replace("\u00a0", " "),
    ):
        assert all(number in text for number in numbers)
    drawing = doc.figures[ID].drawing
    assert drawing is not None
    # invented lists are marked beside the planted number
    notice = messages.INVENTED[lang]
    for picture in (drawing.wide, drawing.titled):
        assert notice in picture
    assert notice[:30] in drawing.narrow
    assert notice in printed
    assert "557" in report_text(doc)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lists_of_real_people_are_not_called_invented(year_releases: Make, lang: str) -> None:
    content = made.estimated(invented=False)
    del content["notice"], content["planted"]
    doc = compose(year_releases(estimate=content), lang)
    assert messages.INVENTED[lang] not in report_text(doc)
    assert messages.ROWS["planted"][lang] not in [row.head for row in doc.figures[ID].rows]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("rule", ["no_model", "few_overlaps"])
def test_a_publication_rule_gives_its_reason_and_no_figure(year_releases: Make, lang: str, rule: str) -> None:
    doc = compose(year_releases(estimate=made.stopped(rule)), lang)
    assert messages.RULES[rule][lang] in report_text(doc)
    assert doc.chapters[-1].figures == ()
    assert "343" not in report_text(doc)
    assert ID not in doc.figures


ESTIMATED = {"kk": "бағалау", "ru": "оценк", "en": "estimated"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_is_called_estimated_and_the_upper_one_has_its_condition(year_releases: Make, lang: str) -> None:
    doc = compose(year_releases(estimate=made.estimated()), lang)
    texts = [doc.estimate.headline, doc.chapters[-1].finding, doc.quotes[-1].sentence, doc.figures[ID].heading]
    texts += [f"{doc.tiles[-1].value} {doc.tiles[-1].caption}", *press.compose_press_release(doc).estimate]
    texts = [text.replace("\u00a0", " ").replace(",", " ") for text in texts]
    with_figure = [text for text in texts if "3 100" in text]
    assert len(with_figure) == 6
    for text in with_figure:
        assert ESTIMATED[lang] in text.lower()
        assert "10" in text  # one chance in ten
        assert text.index("2 200") < text.index("3 100")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_an_upper_figure_no_text_has_one(year_releases: Make, lang: str) -> None:
    doc = compose(year_releases(estimate=made.at_least()), lang)
    assert ESTIMATED[lang] in report_text(doc).lower()
    assert "3 100" not in report_text(doc).replace("\u00a0", " ").replace(",", " ")
    assert messages.ROWS["at_least"][lang] in [row.head for row in doc.figures[ID].rows]
    assert messages.ROWS["between"][lang] not in [row.head for row in doc.figures[ID].rows]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_older_release_has_the_range_of_the_methods_without_a_condition(year_releases: Make, lang: str) -> None:
    doc = compose(year_releases(estimate=made.of_old_format()), lang)
    assert ESTIMATED[lang] in doc.estimate.headline.lower()
    assert doc.figures[ID].heading


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_an_estimate_the_report_says_so(year_releases: Make, lang: str) -> None:
    doc = compose(year_releases(), lang)
    assert doc.text["detected"]["none"][0].removeprefix("{if_never_estimated}") in doc.undetected
    assert doc.estimate.headline == doc.text["estimate"]["none"]
    assert doc.chapters[-1].figures == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_methods_have_a_figure_of_their_own_for_analysts(year_releases: Make, lang: str) -> None:
    answer, methods = compose(year_releases(estimate=made.estimated()), lang).chapters[-1].figures
    names = [messages.NAMES["stepwise"][lang], messages.NAMES["bic"][lang]]
    assert [row.head for row in methods.rows][:2] == names
    assert answer.drawing is not None
    assert methods.drawing is not None
    assert not [name for name in names if escape(name) in answer.drawing.wide or name in str(answer.rows)]
    assert all(escape(name) in methods.drawing.wide for name in names)
    assert messages.ROWS["between"][lang] in answer.drawing.wide
    assert messages.INVENTED[lang] in methods.drawing.wide  # no picture of invented lists lacks the mark
    assert "80%" not in answer.drawing.wide


@pytest.mark.parametrize("lang", LANGUAGES)
def test_real_lists_do_not_mention_methods_that_are_not_shown(year_releases: Make, lang: str) -> None:
    content = made.estimated(invented=False, methods={}, sensitivity=[])
    for key in ("notice", "planted"):
        del content[key]
    figure = compose(year_releases(estimate=content), lang).figures[ID]
    assert [row.head for row in figure.rows] == [messages.ROWS["detected"][lang], messages.ROWS["between"][lang]]
    method_words, rounding_words = (
        {"kk": "екі цифр", "ru": "двух цифр", "en": "two digits"}[lang],
        {"kk": "ірі қадам", "ru": "крупным", "en": "coarse"}[lang],
    )
    assert rounding_words in figure.note
    assert method_words not in figure.note
    assert figure.alt
    assert figure.drawing is not None
    assert "80%" not in figure.drawing.wide


def test_a_single_year_is_worded_as_one(year_releases: Make) -> None:
    doc = compose(year_releases(estimate=made.estimated(period="2025")), "ru")
    assert "за 2025 год пострадало" in report_text(doc)


def test_a_rounded_total_says_about(year_releases: Make) -> None:
    total = {"table": "detected", "count": 1340, "status": "perturbed"}
    assert "about 1,340" in report_text(compose(year_releases(estimate=made.estimated(detected=total)), "en"))


def test_the_pages_offer_the_picture_and_the_figures(house: Path, client: Client) -> None:
    release = made.make(house, estimate=made.estimated())
    page = client.get("/en/report/2025/undetected/").content.decode()
    assert f'id="{ID}"' in page
    csv = client.get("/en/report/2025/data/undetected.csv")
    assert csv.content == (release / "estimates" / "undetected.csv").read_bytes()
    assert client.get(f"/en/report/2025/charts/{ID}.svg").status_code == 200
    assert client.get(f"/kk/2025/figures/{ID}/", follow=True).status_code == 200
    own = client.get("/ru/r/annual-2025/").content.decode()
    assert "Оценка числа невыявленных" in own
    assert messages.INVENTED["ru"] in own
    assert client.get("/ru/r/annual-2025/estimates/undetected.svg").status_code == 200


def test_the_page_of_a_release_gives_the_publication_rule(house: Path, client: Client) -> None:
    made.make(house, estimate=made.stopped())
    own = client.get("/en/r/annual-2025/").content.decode()
    assert "No estimate is published." in own
    assert messages.RULES["no_model"]["en"] in own


def test_the_written_folder_holds_the_figures_and_the_picture(house: Path) -> None:
    release = made.make(house, estimate=made.estimated())
    write(YearReleases(2025, release_files.releases_of_year(2025)), ("en",), house / "out")
    data = house / "out" / "en" / "data" / "undetected.invented-data.csv"
    assert data.read_bytes() == (release / "estimates" / "undetected.csv").read_bytes()
    assert messages.INVENTED["en"] in (house / "out" / "en" / "charts" / f"{ID}.svg").read_text(encoding="utf-8")


def test_an_estimate_is_dropped_when_its_table_changes(house: Path, make_actor: Any) -> None:
    analyst = make_actor("analyst")
    detected = {"name": "detected", "of": "victims", "by": [], "where": {"year": "2025"}}
    estimate = {"name": "undetected", "of": "victims", "period": "2025"}
    sex = {"name": "sex", "of": "victims", "by": ["sex"]}
    report_text = {
        "title": dict.fromkeys(LANGUAGES, "T"),
        "period": "2025",
        "table": [detected, sex],
        "estimate": [estimate],
    }
    row = compose_services.create(analyst, report_text)
    compose_services.remove_table(analyst, row, "sex")
    row.refresh_from_db()
    assert row.spec["estimate"] == [estimate]
    compose_services.put_table(analyst, row, detected | {"where": {"year": "2024"}}, "detected")
    row.refresh_from_db()
    assert row.spec["estimate"] == []
