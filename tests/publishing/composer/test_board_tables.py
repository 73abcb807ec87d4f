"""From a board to a release: the tables are declared once, and nothing is counted twice."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from kerege.casework.desk.boards import coordinator, minister
from kerege.core.accounts.actors import actor_for
from kerege.publishing.composer import prepared_tables
from kerege.publishing.composer.board_tables import find_tables, table_key
from kerege.publishing.releases.models import Release
from tests.publishing import release_driver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
SERVICES, CRIMES = "services_by_kind", "crimes_by_source"


def prepare(browser: Any, *names: str, **form: str) -> Any:
    query = "&".join(f"table={name}" for name in names)
    address = f"{reverse('releases:prepare')}?{query}"
    return browser.post(address, form) if form else browser.get(address)


def declared(row: Release) -> list[str]:
    row.refresh_from_db()
    return [table["name"] for table in row.spec["table"]]


def test_every_figure_of_a_board_leads_to_prepared_tables(make_user: Any) -> None:
    boards = [minister.build_board(), coordinator.build_board(actor_for(make_user("coordinator")))]
    named = [picture.tables for board in boards for picture in board.pictures if picture.tables]
    assert len(named) >= 4
    for names in named:
        assert [table["name"] for table in find_tables(names)] == list(names)
        keys = [table_key(table) for table in find_tables(names)]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("role", ["coordinator", "publisher", "minister"])
def test_the_board_offers_it_to_those_who_may_start_a_draft(make_user: Any, sign_in: Any, role: str) -> None:
    board = "coordinator" if role == "coordinator" else "ministry"
    page = sign_in(make_user(role)).get(reverse(f"desk:{board}-board")).content.decode()
    assert ("/work/releases/prepare/?table=" in page) == (role != "minister")


def test_a_composer_goes_on_in_the_composer_with_the_tables_declared(house: Path, make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user("publisher"))
    page = prepare(browser, SERVICES, CRIMES, SERVICES).content.decode()
    assert page.count("no release") == 2
    answer = prepare(browser, SERVICES, CRIMES, SERVICES, period="2026")
    row = Release.objects.get()
    assert answer["Location"] == reverse("releases:data", args=[row.pk])
    assert declared(row) == [SERVICES, CRIMES]
    assert row.spec["table"] == find_tables([SERVICES, CRIMES])
    assert row.period == "2026"


def test_a_table_of_the_period_is_not_declared_again(house: Path, make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user("publisher"))
    prepare(browser, SERVICES, period="2026")
    first = Release.objects.get()
    refused = prepare(browser, SERVICES, draft="new", period="2026")
    assert "has these tables already" in refused.content.decode()
    assert prepare(browser, SERVICES, CRIMES, draft=str(first.pk)).status_code == 302
    assert declared(first) == [SERVICES, CRIMES]
    assert "has these tables already" in prepare(browser, CRIMES, draft=str(first.pk)).content.decode()
    assert declared(first) == [SERVICES, CRIMES]
    assert Release.objects.count() == 1
    prepare(browser, SERVICES, draft="new", period="2027")
    assert Release.objects.count() == 2


def test_a_table_of_a_signed_release_is_not_declared_again(
    house: Path, make_user: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"name": "sex_of_all", "of": "victims", "by": ["sex"], "method": "suppress"}
    monkeypatch.setattr(prepared_tables, "list_prepared", lambda: [table])
    composer, approver = (actor_for(make_user(role)) for role in ("analyst", "publisher"))
    signed = release_driver.published(composer, approver, release_driver.freeze(house))
    assert table_key(signed.spec["table"][0]) == table_key(table)
    assert signed.spec["table"][0]["name"] != table["name"]
    browser = sign_in(make_user("publisher"))
    assert signed.name in prepare(browser, "sex_of_all").content.decode()
    refused = prepare(browser, "sex_of_all", period=signed.period)
    assert "has these tables already" in refused.content.decode()
    assert Release.objects.count() == 1


def test_a_coordinator_starts_a_draft_and_opens_none(house: Path, make_user: Any, sign_in: Any) -> None:
    user = make_user("coordinator")
    browser = sign_in(user)
    answer = prepare(browser, SERVICES, period="2026")
    row = Release.objects.get()
    assert answer["Location"] == reverse("desk:home")
    assert declared(row) == [SERVICES]
    assert [hand.pk for hand in row.hands.all()] == [user.pk]
    for name in ("release", "data", "tables"):
        assert browser.get(reverse(f"releases:{name}", args=[row.pk])).status_code in (403, 404)
    assert prepare(browser, CRIMES, draft=str(row.pk), period="2026").status_code == 302  # no draft is offered
    assert declared(row) == [SERVICES]
    analyst = sign_in(make_user("analyst"))
    assert "Release for 2026" in analyst.get(reverse("releases:list")).content.decode()


def test_an_unknown_table_is_not_found(make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user("publisher"))
    assert [prepare(browser, *names).status_code for names in (("unknown",), (SERVICES, "unknown"))] == [404] * 2
    assert prepare(browser)["Location"] == reverse("desk:home")


def test_the_key_of_a_table_depends_on_what_it_counts_alone() -> None:
    filters = {"year": ["2025", "2024"], "source": "mia"}
    keys = {
        table_key({"of": "crimes", "name": name, "by": list(by), "where": dict(where)})
        for name in ("a", "b")
        for by in permutations(["year", "offence"])
        for where in permutations(filters.items())
    }
    assert len(keys) == 1
    assert table_key({"of": "crimes", "by": ["year"]}) not in keys
