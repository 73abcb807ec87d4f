"""The article's table of sex is refused in three sentences.

One press makes it safe. It is approved, and public at its hour.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme
from tests.web import browser as driver

pytestmark = pytest.mark.journey
TITLE = {"title_kk": "Жынысы бойынша", "title_ru": "По полу", "title_en": "By sex"}
NOTE = {"note_kk": "Мәтін түзетілді", "note_ru": "Исправлен текст", "note_en": "The text was mended"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, house_home: Path) -> Iterator[Programme]:
    """Yield a register in which three persons could be found."""
    home = Path(shutil.copytree(house_home, tmp_path_factory.mktemp("house") / "home"))
    with driver.served(home, "tests.journeys.house") as address:
        yield Programme(address, home)


@pytest.fixture
def people(browser: Browser, house: Programme) -> Iterator[Staff]:
    """Return the user who publishes."""
    staff = Staff(browser, house)
    yield staff
    staff.leave()


@pytest.fixture
def reader(browser: Browser, house: Programme) -> Iterator[Desk]:
    """Yield a browser of a public reader with a phone."""
    context = driver.visit(browser, viewport={"width": 390, "height": 844})
    yield Desk(context.new_page(), house.address, "kk")
    context.close()


def test_from_the_refused_table_to_the_public_page_and_its_correction(
    people: Staff, house: Programme, reader: Desk
) -> None:
    analyst, publisher = people.desk("timur", "ru"), people.desk("dana", "kk")
    release = composed(analyst)
    refused(analyst, release)
    made_safe(analyst, release)
    assert not analyst.offers("/approve/")

    approved_on_a_phone(publisher, release)
    public = held_back_until_its_hour(house, reader, publisher, release)

    deputy_is_named(publisher)
    newer = corrected(analyst, release)
    approved_by_the_deputy(people.desk("saule", "ru"), newer)
    marked(reader, public)
    assert house.is_unbroken()


def composed(analyst: Desk) -> str:
    """Compose a release and return its page.

    It has title and hour, the register frozen just now, and the table as it was counted.
    """
    analyst.open("work/releases/")
    analyst.follow("/releases/new/")
    analyst.fill(**TITLE, period="2025", embargo_on=acts.today() + timedelta(days=1), embargo_hour="10:00")
    analyst.press()
    analyst.press(form="/freeze/")
    analyst.sees("Срез реестра готов")
    analyst.choose("of_victims", "строк: 528")
    analyst.press()
    analyst.follow("/table/")
    analyst.fill(by_1="sex", method="none")
    analyst.press()
    match = re.search(r"work/releases/\d+/", analyst.here)
    assert match, analyst.here
    analyst.press(form="/check/")
    return match.group()


def refused(analyst: Desk, release: str) -> None:
    """Which people, which attack, which remedy and why a second figure goes, in the analyst's language."""
    assert analyst.here == release
    analyst.sees("Этот выпуск не прошёл проверку")
    analyst.is_accessible()
    finding = analyst.page.locator(".kp-findings > li").first
    sentences = finding.locator("p").all_inner_texts()
    assert len(sentences) == 4
    assert "ровно 3, меньше 10" in sentences[0]
    assert "узнает его здесь" in sentences[1]
    assert "Скройте в таблице" in sentences[2]
    assert "скрыть и второе" in sentences[3]


def made_safe(analyst: Desk, release: str) -> None:
    """Apply the safe variant, and check the release again."""
    analyst.press(form="/safe/")
    assert analyst.here == release
    analyst.sees("Нового риска раскрытия не найдено", "528")
    preview = analyst.page.locator(".kp-table").inner_text()
    assert "Трансгендер" not in preview or "скрыто" in preview


def approved_on_a_phone(publisher: Desk, release: str) -> None:
    """Check that the approval is on the approver's home page; they read the release and sign it."""
    publisher.page.set_viewport_size({"width": 390, "height": 844})
    publisher.open("work/")
    publisher.follow("/approve/")
    publisher.sees("Тимур Досов", "528")
    publisher.is_accessible()
    publisher.press()
    assert publisher.here == release
    publisher.sees("Бекітілді, жариялануын күтуде")


def held_back_until_its_hour(house: Programme, reader: Desk, publisher: Desk, release: str) -> str:
    """Check that nothing is public before the hour of publication, also without a worker.

    Gives its public path.
    """
    name = str(house.sql("SELECT directory FROM publishing_release")[0][0])
    reader.finds_nothing(f"r/{name}/")
    reader.open("r/")
    reader.sees_not(TITLE["title_kk"], name)
    house.sql("UPDATE publishing_release SET embargo_at = datetime('now', '-1 minute')")
    reader.open_anew("r/")
    reader.follow(f"r/{name}/")
    assert reader.heading == TITLE["title_kk"]
    reader.page.locator("summary").first.click()
    reader.sees("528")
    reader.is_accessible()
    publisher.open(release)
    assert publisher.offers(f"/r/{name}/")
    return f"r/{name}/"


def deputy_is_named(publisher: Desk) -> None:
    """Name a deputy for the days on which the publisher is away."""
    publisher.open("work/releases/deputies/")
    publisher.choose("user", "Сәуле")
    publisher.fill(from_on=acts.today(), until_on=acts.today() + timedelta(days=2))
    publisher.press(button="", form="")
    publisher.sees("Сәуле Нұрпейісова")


def corrected(analyst: Desk, release: str) -> str:
    """Prepare a correction with a public note and with text whose figures are tokens."""
    analyst.open(release)
    analyst.press(form="/correct/")
    analyst.fill(**NOTE)
    analyst.press()
    newer = analyst.here
    analyst.follow("/text/")
    words = {"prose_kk": "{{table:sex}} адам", "prose_ru": "528 человек", "prose_en": "{{table:sex}} people"}
    analyst.fill(**words)
    analyst.press()
    assert "«528» – число, набранное вручную" in analyst.faults
    analyst.fill(prose_ru="{{table:sex}} человек")
    analyst.press()
    analyst.press(form="/check/")
    analyst.sees("Нового риска раскрытия не найдено")
    assert analyst.page.locator(".kp-locked").all_inner_texts() == ["528"] * 3
    return newer


def approved_by_the_deputy(deputy: Desk, release: str) -> None:
    """Let the coordinator approve as the deputy, on the evening before."""
    deputy.open("work/")
    deputy.follow("/approve/")
    deputy.sees("Исправлен текст")
    deputy.press()
    assert deputy.here == release
    deputy.sees("Опубликован")


def marked(reader: Desk, public: str) -> None:
    """Check that the old release stays readable and names its correction."""
    reader.open_anew(public)
    reader.sees(NOTE["note_kk"])
    reader.is_accessible()
    reader.page.locator(".notice a").first.click()
    reader.page.wait_for_load_state()
    reader.sees("528 адам", NOTE["note_kk"])
    reader.is_accessible()
