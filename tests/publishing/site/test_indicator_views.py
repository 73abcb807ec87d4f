"""Pages of the indicators: numbers of the signed file, pinned states that stay, clear refusals."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client

from kerege.core.accounts.models import User
from kerege.publishing.releases.models import Release
from kerege.publishing.site import indicator_views
from kerege.publishing.site.files.figure_views import find_counted
from kerege.publishing.site.indicators import THEMES, list_indicators
from kerege.vocabulary import profile
from tests.publishing import made

pytestmark = pytest.mark.django_db
COUNTED = [indicator.id for indicator in list_indicators() if indicator.kind == "counted"]


class Numbers(HTMLParser):
    """Numbers of a page with the addresses of their cells, and the elements that have an id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.heading: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the cells and ids of an element."""
        given = dict(attrs)
        if tag == "data" and given.get("data-cell"):
            self.cells.append((str(given["data-cell"]), str(given["value"])))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "h1":
            self.heading = given


def page(path: str, lang: str = "en") -> str:
    """Return the text of a public page."""
    response = Client(HTTP_HOST="localhost").get(f"/{lang}/{path}", secure=True)
    assert response.status_code == 200, path
    assert not response.cookies
    return response.content.decode()


def signed(out: Path, address: str) -> str:
    """Return the count of a cell in the CSV of a release, '' when it is withheld."""
    table, *codes = address.split("/")
    rows = csv.reader(io.StringIO((out / "tables" / f"{table}.csv").read_text()))
    return next(row[-2] for row in rows if row[: len(codes)] == codes)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_number_of_every_indicator_is_that_of_the_signed_file(house: Path, lang: str) -> None:
    out = made.make(house)
    shown = 0
    for name in COUNTED:
        numbers = Numbers(page(f"f/{name}/", lang))
        assert len(set(numbers.ids)) == len(numbers.ids), name
        for address, value in numbers.cells:
            assert signed(out, address) == value, (name, address)
        shown += len(numbers.cells)
    assert shown > 200


def test_the_heading_is_proved_and_each_value_has_an_anchor(house: Path) -> None:
    made.make(house)
    text = page("f/helped-by-year/")
    numbers = Numbers(text)
    assert {"v-2025-state", "v-2004-iom"} <= set(numbers.ids)
    assert numbers.heading["data-table"] == "state_assisted_by_year"
    assert 'id="v-2025-state"><data value="171" data-cell="state_assisted_by_year/2025">171</data>' in text
    assert 'id="v-2004-state">–<' in text


def test_a_withheld_number_is_a_word_and_no_older_number_takes_its_place(house: Path) -> None:
    made.make(house, name="annual-2024", period="2024", created="2024-07-29T09:00:00Z")
    made.make(house, changes={"origin": {("KZ",): None}})
    text = page("f/origin/")
    assert 'id="v-KZ-iom"><i>withheld</i>' in text
    assert "774" not in text


def chart_of(text: str) -> list[str]:
    """Return the drawings of the figure of a page."""
    return re.findall(r'<div class="(?:wide|narrow)">(<svg.*?</svg>)</div>', text, re.DOTALL)


def test_a_pinned_chart_stays_equal_byte_for_byte_after_a_later_release(house: Path) -> None:
    made.make(house, name="annual-2024", period="2024", created="2024-07-29T09:00:00Z")
    before = {name: chart_of(page(f"f/{name}/annual-2024/")) for name in ("helped-by-year", "origin", "corridors")}
    assert all(len(charts) == 2 for charts in before.values())
    made.make(house, changes={"origin": {("KZ",): 700}, "state_assisted_by_year": {("2025",): 150}})
    assert {name: chart_of(page(f"f/{name}/annual-2024/")) for name in before} == before
    assert chart_of(page("f/origin/")) != before["origin"]


def test_an_arrow_has_its_number_at_the_country_that_is_not_the_home_of_the_register(house: Path) -> None:
    made.make(house)
    text = page("f/corridors.svg")
    labels = re.findall(r"<tspan[^>]*>([^<]*)</tspan><tspan[^>]*>([^<]*)</tspan>", text)
    assert [name for name, words in labels if name == "Uzbekistan" and re.search(r"\d", words)]
    assert [name for name, words in labels if name == "Kazakhstan" and not words.startswith("within")] == []


def test_an_old_name_leads_to_the_indicator_and_an_unknown_one_nowhere(house: Path) -> None:
    made.make(house)
    visitor = Client(HTTP_HOST="localhost")
    moved = visitor.get("/ru/f/assisted-by-year/", secure=True)
    assert (moved.status_code, moved["Location"]) == (301, "/ru/f/helped-by-year/")
    for path in ("f/nothing/", "f/origin/annual-1999/", "f/origin/by/XX/", "t/nothing/", "p/99/"):
        assert visitor.get(f"/en/{path}", secure=True).status_code == 404


def test_a_broken_signature_gives_a_sentence_and_never_an_older_number(house: Path) -> None:
    made.make(house, name="annual-2024", period="2024", created="2024-07-29T09:00:00Z")
    out = made.make(house)
    (out / "tables" / "origin.csv").write_bytes(b"origin,count,status\n_T,1,ok\nKZ,1,ok\n")
    text = page("f/origin/")
    assert "The signature of annual-2025 does not hold." in text
    assert "774" not in text
    assert not Numbers(text).cells


def test_a_table_that_lost_a_year_is_named_and_the_old_number_is_not_shown(house: Path) -> None:
    made.make(house, name="annual-2024", period="2024", created="2024-07-29T09:00:00Z")
    years = made.tables()["state_assisted_by_year"][3]
    out = made.make(house)
    kept = {key: cell for key, cell in years.items() if key != ("2021",)}
    made.replace_table(out, "state_assisted_by_year", ["year"], kept)
    text = page("f/helped-by-year/")
    assert "no longer holds these periods: 2021" in text
    assert 'id="v-2021-state">–<' in text
    assert "state_assisted_by_year/2021" not in text


def test_a_withdrawn_release_answers_410_with_its_reason_and_no_number(house: Path) -> None:
    made.make(house)
    preparer = User.objects.create(username="preparer")
    Release.objects.create(
        title="2025",
        period="2025",
        directory="annual-2025",
        manifest_sha256="0" * 64,
        state="withdrawn",
        prepared_by=preparer,
        published_at="2025-07-30T05:00:00Z",
        withdrawn_at="2025-08-01T05:00:00Z",
        withdrawn_reason={"en": "A table was wrong."},
    )
    answer = Client(HTTP_HOST="localhost").get("/en/f/origin/annual-2025/", secure=True)
    text = answer.content.decode()
    assert answer.status_code == 410
    assert "A table was wrong." in text
    assert not Numbers(text).cells
    assert "A table was wrong." in page("f/origin/")


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_page_names_hotline_exit_and_the_other_languages(house: Path, lang: str) -> None:
    made.make(house, estimate=made.estimated())
    paths = ["", "f/", "p/", "p/71/", "c/", "method/", "privacy/", "glossary/", "f/hidden-figure/"]
    paths += ["f/organised-crime/", "f/origin/by/KZ/", *(f"t/{theme}/" for theme in THEMES)]
    for path in paths:
        text = page(path, lang)
        assert text.count('rel="alternate" hreflang=') == 3, path
        assert f'href="tel:{profile.active().hotline.number}"' in text
        assert 'class="exit"' in text
        assert " style=" not in text
        assert text.count("<h1") == 1, path


def test_a_figure_that_no_release_holds_shows_its_sentence_and_no_empty_switch(house: Path) -> None:
    made.make(house, leave_out=("state_region",))
    text = page("f/state-regions/")
    assert "No release in force holds this figure." in text
    assert not any(words in text for words in ('id="view-table"', "How this was counted", "All years to"))


def test_a_retired_figure_keeps_its_page_and_says_why(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.make(house)
    retired = find_counted("sex").model_copy(update={"retired": "payer"})
    monkeypatch.setattr(indicator_views, "find_indicator", lambda name: retired)
    text = page("f/sex/")
    assert "This figure has ended: who pays changed" in text
    assert Numbers(text).cells


@pytest.mark.parametrize(
    ("lang", "whole"),
    [
        (
            "en",
            "An estimated 2,200 to 3,100 people were trafficked in 2021–2025, if each had at least one chance in 10 of",
        ),
        ("ru", "По оценке, за 2021–2025 гг. в торговлю людьми попали от 2 200 до 3 100 человек, если шанс выявления"),
        (
            "kk",
            "Бағалау бойынша, 2021–2025 жылдары адам саудасынан 2 200 пен 3 100 аралығындағы адам зардап шекті, егер",
        ),
    ],
)
def test_an_estimate_says_so_with_both_ends_period_and_condition_wherever_it_stands(
    house: Path, lang: str, whole: str
) -> None:
    made.make(house, estimate=made.estimated())
    for path in ("", "f/", "f/hidden-figure/", "f/hidden-figure/annual-2025/", "t/undetected/", "r/annual-2025/"):
        text = page(path, lang).replace("\xa0", " ")
        assert whole in re.sub(r"<[^>]+>", "", text), path
    answer = Client(HTTP_HOST="localhost").get(f"/{lang}/search.{lang}.json", secure=True)
    assert whole in b"".join(answer).decode().replace("\xa0", " ")
