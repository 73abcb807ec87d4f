"""The board of the ministry: no small count, in numbers, words and languages of the country."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from kerege.casework.assistance.models.provision import Service
from kerege.casework.cases.models.case import Case
from kerege.casework.desk.boards import minister
from kerege.casework.desk.boards.board import Board
from kerege.casework.desk.boards.comparison import compare_words, target_words
from kerege.casework.desk.models import Target
from kerege.casework.desk.statistics.monthly import CalendarMonth
from kerege.casework.desk.targets import CurrentTarget
from kerege.casework.justice.models import Crime
from kerege.charts import Value
from kerege.charts.chart_words import short_text
from kerege.vocabulary.dates import add_months
from tests.casework.desk.boards.test_boards import TODAY, set_target
from tests.safety.test_access_matrix import granted
from tests.safety.world import staff_pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
DATES = r"\d{1,2}:\d\d|\d{4} ж\. \d{1,2} \w+|\d{1,2} \w+ \d{4}"


def add_crimes(agency: Any, count: int, month: CalendarMonth) -> None:
    row = {"agency": agency, "source": "mia", "offence": "cc128", "created_at": timezone.now(), "created_by": "x"}
    Crime.objects.bulk_create(Crime(registered_on=month.first, **row) for _ in range(count))


def add_services(cases: list[Case], counts: dict[str, int], year: int) -> None:
    """Add services of each kind, spread evenly over the cases."""
    row = {"started_on": f"{year}-05-01", "created_at": timezone.now(), "created_by": "x"}
    Service.objects.bulk_create(
        Service(kind=kind, case=cases[number % len(cases)], **row)
        for kind, count in counts.items()
        for number in range(count)
    )


def numbers_of(board: Board) -> list[int]:
    """Return every number in a picture or its table, but for the minute and the questions."""
    texts = [text for picture in board.pictures for text in re.findall(r"<(?:text|title)[^>]*>([^<]*)<", picture.wide)]
    texts = [text for text in texts if text not in {picture.question for picture in board.pictures}]
    texts += [cell.text for picture in board.pictures for _label, cells in picture.rows for cell in cells]
    return [int(number) for text in texts for number in re.findall(r"\d+", text.replace(",", ""))]


@pytest.mark.parametrize("small", [1, 4, 9])
def test_the_ministry_reads_no_number_below_the_threshold_nor_one_that_gives_it(
    make_agency: Any, people_helped: list[Case], small: int
) -> None:
    month = CalendarMonth.of("", TODAY())
    add_crimes(make_agency(), small, month)
    add_crimes(make_agency(), 42, CalendarMonth(add_months(month.first, -12)))
    services = {"shelter": small, "material_aid": 11, "legal_aid": 14}
    add_services(people_helped, services, month.first.year - 1)
    board = minister.build_board()
    assert not {number for number in numbers_of(board) if 0 < number < 10}
    assert 42 in numbers_of(board)
    shown = {key[1]: value for key, value in board.pictures[1].chart.values.items()}
    masked = {kind for kind, value in shown.items() if value.count is None}
    assert "shelter" in masked
    assert len(masked) >= 2  # with one masked part, a published total minus the others would give it
    assert sum(services[kind] for kind in masked) >= 10
    assert not any(picture.links for picture in board.pictures)


def test_many_services_of_few_people_are_masked_as_a_release_masks_them(people_helped: list[Case]) -> None:
    year = CalendarMonth.of("", TODAY()).first.year - 1
    add_services(people_helped[:2], {"legal_aid": 31}, year)
    add_services(people_helped, {"shelter": 41, "material_aid": 51, "education": 61}, year)
    numbers = numbers_of(minister.build_board())
    assert 31 not in numbers
    assert len({41, 51, 61} & set(numbers)) == 2  # one more, so that a total does not give the 31


def test_a_month_whose_neighbours_could_be_small_is_given_as_a_lower_limit(make_agency: Any) -> None:
    month = CalendarMonth.of("", TODAY())
    first = month.first.replace(month=1 if month.first.month <= 6 else 7)
    agency = make_agency()
    add_crimes(agency, 27, CalendarMonth(first))
    add_crimes(agency, 14, CalendarMonth(add_months(first, -1)))
    picture = minister.build_board(add_months(first, 1)).pictures[0]
    assert short_text(picture.chart, picture.chart.values["now", "crimes"]) == "≥ 10"
    assert picture.remarks["crimes"][0] == "more"


@pytest.mark.parametrize(
    ("now", "before", "change", "verdict"),
    [
        (50, 22, "28 more", "at least 30: met"),
        (22, 50, "28 fewer", "at least 30: not met"),
        (12, 50, "not compared: masked", "at least 30: not compared"),
        (12, 7, "more", "at least 30: not compared"),
        (33, 30, "more, by less than 10", "at least 30: met"),
        (30, 30, "as many", "at least 30: met"),
        (4, 40, "fewer", "at least 30: not met"),
        (4, 7, "not compared: masked", "at least 30: not met"),
        (0, 0, "as many", "at least 30: not met"),
    ],
)
def test_the_ministry_reads_the_change_of_a_year_and_the_target_in_words(
    make_user: Any, make_agency: Any, now: int, before: int, change: str, verdict: str
) -> None:
    set_target(make_user("publisher"), 30)
    month = CalendarMonth.of("", TODAY())
    add_crimes(make_agency(), now, month)
    add_crimes(make_agency(), before, CalendarMonth(add_months(month.first, -12)))
    picture = minister.build_board().pictures[0]
    assert picture.remarks["crimes"] == (change, verdict)
    assert picture.chart.goals == {("now", "crimes"): 30}
    assert "Plan of measures" in " ".join(picture.sources)


def test_the_words_beside_a_number_are_the_same_for_all_numbers_that_a_mask_may_hide() -> None:
    """Brute force over all pairs of counts: the words do not depend on a masked count."""
    seen: dict[tuple[str, ...], set[str]] = {}
    target = Target(direction="at_least", value=15)
    for now, before in product(range(25), range(25)):
        values = [Value.withheld(9) if 0 < count < 10 else Value.exact(count) for count in (now, before)]
        shown = tuple("masked" if value.count is None else str(value.count) for value in values)
        words = compare_words(*values, 10), target_words(CurrentTarget(target), values[0])
        seen.setdefault(shown, set()).add(" ".join(words))
        is_more = words[0].startswith("more") or words[0].endswith("more")
        is_fewer = words[0].startswith("fewer") or words[0].endswith("fewer")
        assert now > before or not is_more
        assert now < before or not is_fewer
        assert (now == before) or words[0] != "as many"
        assert not {int(number) for number in re.findall(r"\d+", words[0])} & set(range(1, 10))
    assert {len(texts) for texts in seen.values()} == {1}


def test_the_minister_s_page_holds_no_number_below_the_threshold(
    make_user: Any, make_agency: Any, people_helped: list[Case], sign_in: Any
) -> None:
    publisher = make_user("publisher")
    set_target(publisher, 30)
    set_target(publisher, 20, reason="the plan was changed")
    month = CalendarMonth.of("", TODAY())
    add_crimes(make_agency(), 33, month)
    add_crimes(make_agency(), 31, CalendarMonth(add_months(month.first, -12)))
    add_services(people_helped, {"shelter": 4, "legal_aid": 14}, month.first.year - 1)
    page = sign_in(make_user("minister")).get(reverse("desk:ministry-board")).content.decode()
    main = page[page.index("<h1") : page.index("</main>")]
    text = re.sub(r"<[^>]*>", " ", re.sub(r"\d{1,2}:\d\d|\d{1,2} [A-Z][a-z]+ \d{4}", "", main))
    assert not re.findall(r".{0,30}(?<!\d)[1-9](?!\d).{0,30}", text)
    for words in ("at least 20: met", "before at least 30", "the plan was changed", "more, by less than 10"):
        assert words in text
    assert "/work/targets/" not in page
    assert 'aria-label="As a table: How does the month compare' in page  # not the name of the section around it
    assert not re.findall(r'<a [^>]*href="/en/work/(?!board/ministry/)', main)


def test_zero_is_shown_and_the_threshold_itself_is_no_small_number(make_agency: Any) -> None:
    month = CalendarMonth.of("", TODAY())
    add_crimes(make_agency(), 10, month)
    picture = minister.build_board().pictures[0]
    values = picture.chart.values
    assert (values["now", "crimes"].lower, short_text(picture.chart, values["now", "crimes"])) == (10, "≥ 10")
    assert values["before", "crimes"].count == 0


def test_a_minister_opens_the_board_and_no_other_page_of_the_work(make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user("minister"))
    assert browser.get(reverse("desk:ministry-board")).status_code == 200
    opened = {page.name for page in staff_pages() if granted("minister", page)}
    own_account = {name for name in opened if name.startswith(("accounts:", "account_", "mfa_"))}
    assert opened - own_account == {"desk:home", "desk:ministry-board"}


@pytest.mark.parametrize(
    ("language", "words"),
    [("kk", "Ішкі пайдалану үшін"), ("ru", "Для внутреннего пользования"), ("en", "Internal, as of")],
)
def test_every_picture_carries_the_internal_mark_with_the_minute(language: str, words: str) -> None:
    with translation.override(language):
        board = minister.build_board()
        pictures = board.marked
    for picture in pictures:
        for svg in (picture.wide, picture.narrow):
            texts = " ".join(re.findall(r"<text[^>]*>([^<]*)<", svg))
            assert words in texts
            assert f"{board.as_of:%H:%M}" in texts


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_minister_s_page_holds_no_small_number_in_any_language_nor_one_that_is_only_heard(
    make_user: Any, make_agency: Any, people_helped: list[Case], sign_in: Any, language: str
) -> None:
    month = CalendarMonth.of("", TODAY())
    add_crimes(make_agency(), 33, month)
    add_crimes(make_agency(), 31, CalendarMonth(add_months(month.first, -12)))
    add_services(people_helped, {"shelter": 4, "legal_aid": 14, "material_aid": 11}, month.first.year - 1)
    with translation.override(language):
        address = reverse("desk:ministry-board")
    page = sign_in(make_user("minister")).get(address).content.decode()
    main = page[page.index("<h1") : page.index("</main>")].replace("\u00a0", " ")
    heard = re.findall(r'(?:aria-label|title|alt)="([^"]*)"', main)
    text = re.sub(DATES, "", " ".join([re.sub(r"<[^>]*>", " ", main), *heard]))
    assert "33" in text
    assert not re.findall(r".{0,30}(?<!\d)[1-9](?!\d).{0,30}", text)
