"""Pages that compose a release: choices are stored, faults are shown beside their field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User
from kerege.core.jobs.models import Schedule
from kerege.publishing.composer import prepared_tables
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import check
from tests.publishing import release_driver

pytestmark = pytest.mark.django_db
ABOUT = {"title_kk": "Жыл", "title_ru": "Год", "title_en": "Year", "period": "2025", "threshold": "10"}
EMBARGO = {"embargo_on_day": "30", "embargo_on_month": "7", "embargo_on_year": "2027"}


@pytest.fixture
def desk(house: Path, make_user: Any, sign_in: Any) -> Any:
    """Return an analyst's browser."""
    return sign_in(make_user("analyst"))


@pytest.fixture
def draft(house: Path, desk: Any) -> Release:
    """Return the analyst's draft, which counts a small register."""
    actor = actor_for(User.objects.get())
    return release_driver.compose(actor, release_driver.freeze(house))


def test_a_new_release_leads_to_the_choice_of_snapshots(desk: Any) -> None:
    answer = desk.post("/en/work/releases/new/", ABOUT | EMBARGO | {"embargo_hour": "10:00"})
    row = Release.objects.get()
    assert answer["Location"] == f"/en/work/releases/{row.pk}/data/"
    assert row.spec["title"] == {"kk": "Жыл", "ru": "Год", "en": "Year"}
    assert timezone.localtime(row.embargo_at).isoformat().startswith("2027-07-30T10:00")
    assert row.prepared_by == User.objects.get()
    assert [user.pk for user in row.hands.all()] == [row.prepared_by_id]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"title_kk": ""}, "This field is required"),
        ({"period": "last year"}, "Write a year with four digits"),
        ({"threshold": "4"}, "greater than or equal to 5"),
        (EMBARGO, "Give day and hour, or neither"),
        ({"embargo_hour": "25:00"}, "Write the hour as 10:00"),
    ],
)
def test_a_faulty_form_shows_the_fault_and_creates_nothing(desk: Any, change: dict[str, str], says: str) -> None:
    answer = desk.post("/en/work/releases/new/", ABOUT | change)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not Release.objects.exists()


def test_snapshots_are_listed_with_reference_date_and_size(desk: Any, house: Path, draft: Release) -> None:
    page = desk.get(f"/en/work/releases/{draft.pk}/data/").content.decode()
    assert "as of 31 December 2025 · rows: 213" in page
    desk.post(f"/en/work/releases/{draft.pk}/data/", {"of_victims": ""})
    draft.refresh_from_db()
    assert draft.snapshots == []


def test_a_new_choice_of_prepared_tables_keeps_other_tables(desk: Any, draft: Release) -> None:
    name = next(
        table["name"]
        for table in prepared_tables.list_prepared()
        if table["of"] == "victims" and table["name"] != "sex"
    )
    desk.post(f"/en/work/releases/{draft.pk}/tables/", {"of_victims": [name, "sex"]})
    draft.refresh_from_db()
    assert [table["name"] for table in draft.spec["table"]] == ["sex", name]
    assert "where" not in draft.spec["table"][0]  # the existing table of this name keeps its specification
    desk.post(f"/en/work/releases/{draft.pk}/tables/", {"form_token": "", "of_victims": []})
    draft.refresh_from_db()
    assert draft.spec["table"] == []


def test_a_table_is_stored_with_dimensions_filter_method_and_parameters(desk: Any, draft: Release) -> None:
    form = {
        "by_1": "year",
        "by_2": "sex",
        "where_1": "sex=male",
        "where_2": "sex=female",
        "where_3": "year=2025",
        "method": "cellkey",
        "largest": "4",
        "variance": "2.5",
    }
    answer = desk.post(f"/en/work/releases/{draft.pk}/table/?of=victims", form)
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.spec["table"][1] == {
        "name": "year_sex",
        "of": "victims",
        "by": ["year", "sex"],
        "method": "cellkey",
        "where": {"sex": ["male", "female"], "year": ["2025"]},
        "params": {"D": 4, "V": 2.5},
    }
    page = desk.get(f"/en/work/releases/{draft.pk}/table/year_sex/").content.decode()
    assert page.count("selected") >= 5
    desk.post(f"/en/work/releases/{draft.pk}/table/year_sex/", {"by_1": "sex", "method": "dp", "rho": "0.1"})
    draft.refresh_from_db()
    assert draft.spec["table"][1] == {
        "name": "year_sex",
        "of": "victims",
        "by": ["sex"],
        "method": "dp",
        "params": {"rho": 0.1},
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"by_2": "sex"}, "This dimension is chosen already"),
        ({"name": "A b"}, "Use small letters"),
        ({"name": "sex"}, "another table of this release has this short name"),
        ({"title_kk": "Жынысы"}, "Write it in this language too"),
        (dict.fromkeys(("title_kk", "title_ru", "title_en"), "Екі"), "“екі” is a figure typed by hand"),
        ({"threshold": "4"}, "greater than or equal to 5"),
        ({"where_1": "sex=nobody"}, "Select a valid choice"),
        ({"method": "magic"}, "Select a valid choice"),
    ],
)
def test_a_faulty_table_shows_the_fault_beside_its_field(
    desk: Any, draft: Release, change: dict[str, str], says: str
) -> None:
    form = {"by_1": "sex", "method": "suppress"} | change
    answer = desk.post(f"/en/work/releases/{draft.pk}/table/?of=victims", form)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    draft.refresh_from_db()
    assert len(draft.spec["table"]) == 1


def test_a_typed_figure_is_refused_and_the_text_stays_in_the_form(desk: Any, draft: Release) -> None:
    texts = {"prose_kk": "Адам саны", "prose_ru": "Это 3 человека", "prose_en": "{{table:sex}} people"}
    answer = desk.post(f"/en/work/releases/{draft.pk}/text/", texts).content.decode()
    assert "“3” is a figure typed by hand" in answer
    assert "Это 3 человека" in answer
    words = texts | {"prose_ru": "Это три человека"}
    assert "“три” is a figure typed by hand" in desk.post(f"/en/work/releases/{draft.pk}/text/", words).content.decode()
    desk.post(f"/en/work/releases/{draft.pk}/text/", texts | {"prose_ru": "Это {{table:sex}} человек"})
    draft.refresh_from_db()
    assert draft.spec["prose"]["ru"] == "Это {{table:sex}} человек"


def test_a_waiting_check_is_shown_and_can_be_run_here_when_stuck(
    desk: Any, draft: Release, make_user: Callable[..., Any]
) -> None:
    Schedule.objects.create(name="x", due_at=timezone.now(), last_at=timezone.now())
    address = f"/en/work/releases/{draft.pk}/"
    desk.post(f"{address}check/")
    page = desk.get(address).content.decode()
    assert "It has waited for the background worker since" in page
    assert "Check it here and now" not in page
    Release.objects.update(check_asked_at=timezone.now() - timedelta(minutes=1))
    assert "Check it here and now" in desk.get(address).content.decode()
    desk.post(f"{address}check-here/")
    draft.refresh_from_db()
    assert draft.state == "ready"


def test_a_composer_cannot_approve_and_the_page_says_why(house: Path, make_user: Any, sign_in: Any) -> None:
    user = make_user("analyst", "publisher")
    row = release_driver.ready(actor_for(user), release_driver.freeze(house))
    client = sign_in(user)
    page = client.get(f"/en/work/releases/{row.pk}/approve/").content.decode()
    assert "You prepared this release. A colleague must approve it." in page
    assert "Approve and sign" not in page
    answer = client.post(f"/en/work/releases/{row.pk}/approve/", {"draft": row.draft_sha256}, follow=True)
    assert "never approved by the person who prepared it" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "ready"


def test_discarding_a_draft_deletes_the_files_of_its_checks(desk: Any, draft: Release) -> None:
    from kerege.publishing.gate import run_gate

    check.ask_check(actor_for(User.objects.get()), draft)
    assert list(run_gate.drafts(draft.pk).iterdir())
    desk.post(f"/en/work/releases/{draft.pk}/discard/")
    assert not Release.objects.exists()
    assert not list(run_gate.drafts(draft.pk).glob("*"))


@pytest.mark.parametrize("name", ["about", "data", "tables", "table", "text"])
def test_every_composing_page_of_an_approved_release_redirects_to_it(
    house: Path, make_user: Any, make_actor: Any, sign_in: Any, name: str
) -> None:
    user = make_user("analyst")
    row = release_driver.published(actor_for(user), make_actor("publisher"), release_driver.freeze(house))
    answer = sign_in(user).get(f"/en/work/releases/{row.pk}/{name}/")
    assert answer["Location"] == f"/en/work/releases/{row.pk}/"
