"""Life of a public release: correction, withdrawal, embargo, deputies, and its public pages."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor, Denied
from kerege.evidence.release.build import verify
from kerege.publishing.releases import catalogue, queries
from kerege.publishing.releases.models import Deputy, Release
from kerege.publishing.releases.services import approve, check, compose, deputies
from kerege.publishing.storage import release_files
from tests.django_fixtures import just_now
from tests.evidence.reports import report_of
from tests.publishing import release_driver

pytestmark = pytest.mark.django_db
NOTE = {"kk": "Қате түзетілді", "ru": "Исправлена ошибка", "en": "An error was mended"}
PASSWORD = "кереге-шаңырақ-уық"


@pytest.fixture
def people(house: Path, make_actor: Any) -> tuple[Actor, Actor]:
    """Return the actor who composes and the actor who approves."""
    return make_actor("analyst"), make_actor("publisher")


@pytest.fixture
def first(house: Path, people: tuple[Actor, Actor]) -> Release:
    """Return a public release."""
    return release_driver.published(*people, release_driver.freeze(house))


@pytest.fixture
def visitor() -> Client:
    """Return the browser of a visitor without sign-in."""
    return Client(HTTP_HOST="localhost")


def page(visitor: Client, path: str, lang: str = "en") -> Any:
    """Return the response of a public page."""
    return visitor.get(f"/{lang}/{path}", secure=True)


def corrected(people: tuple[Actor, Actor], first: Release, embargo_at: Any = None) -> Release:
    """Return an approved correction of a release. It adds one table that discloses nothing."""
    analyst, publisher = people
    row = compose.correct(analyst, first)
    compose.set_about(
        analyst,
        row,
        {"title": release_driver.TITLE, "period": "2025", "threshold": 10, "revision_note": NOTE},
        embargo_at,
    )
    compose.put_table(analyst, row, {"name": "all", "of": "victims", "by": [], "method": "suppress"})
    check.ask_check(analyst, row)
    row.refresh_from_db()
    assert (row.state, row.faults) == ("ready", [])
    return approve.approve(publisher, row, row.draft_sha256, known_read=True)


def test_a_correction_needs_a_public_note(people: tuple[Actor, Actor], first: Release) -> None:
    row = compose.correct(people[0], first)
    with pytest.raises(BadInput, match="public note"):
        check.ask_check(people[0], row)


@pytest.mark.db
def test_a_correction_replaces_the_release_which_stays_readable(
    people: tuple[Actor, Actor], first: Release, visitor: Client
) -> None:
    correction = corrected(people, first)
    first.refresh_from_db()
    assert (first.state, correction.state) == ("corrected", "published")
    year_releases = queries.releases_of_year(2025)
    assert year_releases is not None
    assert [files.path.name for files in year_releases.releases] == [correction.directory]
    old = page(visitor, f"r/{first.directory}/", "ru")
    assert old.status_code == 200
    assert NOTE["ru"] in old.content.decode()
    assert f"/r/{correction.directory}/" in old.content.decode()
    assert NOTE["kk"] in page(visitor, f"r/{correction.directory}/", "kk").content.decode()
    assert NOTE["en"] in page(visitor, "r/").content.decode()
    assert verify(release_files.folder() / correction.directory).revision_of == first.directory


@pytest.mark.db
def test_a_correction_under_embargo_changes_nothing(people: tuple[Actor, Actor], first: Release) -> None:
    at = timezone.now() + timedelta(days=1)
    correction = corrected(people, first, at)
    year_releases = queries.releases_of_year(2025)
    assert year_releases is not None
    assert [files.path.name for files in year_releases.releases] == [first.directory]
    assert catalogue.get_release(first.directory).corrected_by is None  # type: ignore[union-attr]
    assert catalogue.get_release(correction.directory) is None
    assert queries.superseded_folders(at) == frozenset({first.directory})


def test_only_the_newest_version_can_be_corrected(people: tuple[Actor, Actor], first: Release) -> None:
    corrected(people, first)
    first.refresh_from_db()
    with pytest.raises(BadInput):
        compose.correct(people[0], first)


@pytest.mark.db
def test_a_release_has_at_most_one_approved_correction(people: tuple[Actor, Actor], first: Release) -> None:
    second = compose.correct(people[0], first)
    corrected(people, first)
    second.state, second.approved_by_id, second.approved_at = "approved", people[1].user_id, timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


@pytest.mark.db
def test_a_withdrawn_release_shows_its_reason(people: tuple[Actor, Actor], first: Release, visitor: Client) -> None:
    reason = {"kk": "Дереккөз қате", "ru": "Ошибка источника", "en": "The source was wrong"}
    with pytest.raises(Denied):
        approve.withdraw(people[0], first, reason)
    approve.withdraw(people[1], first, reason)
    assert queries.releases_of_year(2025) is None
    response = page(visitor, f"r/{first.directory}/")
    assert response.status_code == 410
    assert reason["en"] in response.content.decode()
    assert reason["ru"] in page(visitor, "r/", "ru").content.decode()
    assert page(visitor, f"r/{first.directory}/manifest.json").status_code == 410
    assert page(visitor, f"r/{first.directory}/release.zip").status_code == 410


# -- the public pages --------------------------------------------------------------------------------------------------
def test_the_archive_of_a_release_verifies(first: Release, visitor: Client, tmp_path: Path) -> None:
    archive = page(visitor, f"r/{first.directory}/release.zip")
    assert "invented-data" in archive["Content-Disposition"]
    zipfile.ZipFile(io.BytesIO(archive.content)).extractall(tmp_path / "taken")
    assert verify(tmp_path / "taken" / first.directory).period == "2025"
    csv = page(visitor, f"r/{first.directory}/tables/sex.csv")
    assert csv.content.startswith(b"sex,count,status")
    assert csv["Content-Disposition"] == 'attachment; filename="sex.invented-data.csv"'


def test_only_files_named_in_the_manifest_are_sent(first: Release, visitor: Client) -> None:
    for part in ("draft.json", "../ledger/ledger.jsonl", "tables/none.csv", "tables/../manifest.json"):
        assert page(visitor, f"r/{first.directory}/{part}").status_code == 404, part


def test_a_release_changed_on_disk_is_not_shown(first: Release, visitor: Client) -> None:
    address = f"r/{first.directory}/"
    assert page(visitor, address).status_code == 200
    table = release_files.folder() / first.directory / "tables/sex.csv"
    table.write_text(table.read_text().replace("213", "214"))
    for part in ("", "tables/sex.csv", "release.zip", "manifest.json"):
        assert page(visitor, address + part).status_code == 404


def test_no_page_or_file_reveals_an_embargoed_release(
    house: Path, people: tuple[Actor, Actor], visitor: Client
) -> None:
    at = timezone.now() + timedelta(hours=1)
    title = dict.fromkeys(release_driver.TITLE, "Kept until the morning")
    row = release_driver.published(*people, release_driver.freeze(house), embargo_at=at, title=title)
    assert row.is_signed
    parts = ("", "manifest.json", "release.zip", "tables/sex.csv")
    paths = ["", "2025/", "r/", "2025/press-release/", "2025/data/sex.csv", "2025/report.pdf"]
    for path in [*paths, *(f"r/{row.directory}/{part}" for part in parts)]:
        answer = page(visitor, path)
        assert answer.status_code == (200 if path in ("", "r/") else 404), path
        assert "Kept until the morning" not in answer.content.decode(errors="replace")
        if row.directory not in path:  # the language links of a page repeat its own address
            assert row.directory not in answer.content.decode(errors="replace")
    Release.objects.update(embargo_at=timezone.now())
    assert "Kept until the morning" in page(visitor, "r/").content.decode()
    assert page(visitor, f"r/{row.directory}/").status_code == 200


def test_the_press_page_shows_the_text_of_the_release(
    house: Path, people: tuple[Actor, Actor], visitor: Client
) -> None:
    prose = {lang: f"{word}: {{{{table:sex}}}}." for lang, word in (("kk", "Барлығы"), ("ru", "Всего"), ("en", "All"))}
    row = release_driver.published(*people, release_driver.freeze(house), prose=prose)
    assert "Всего: <strong>213</strong>." in page(visitor, f"r/{row.directory}/", "ru").content.decode()
    assert "All: <strong>213</strong>." in page(visitor, "report/2025/press/").content.decode()


# -- deputies ----------------------------------------------------------------------------------------------------------
def deputise(publisher: Actor, actor: Actor, first: int, last: int) -> Deputy:
    """Appoint a deputy from one day to another, counted from today."""
    today, user = timezone.localdate(), User.objects.get(pk=actor.user_id)
    return deputies.appoint(publisher, user, today + timedelta(days=first), today + timedelta(days=last))


@pytest.mark.db
def test_a_deputy_approves_only_in_the_appointed_days(
    house: Path, people: tuple[Actor, Actor], make_actor: Any
) -> None:
    analyst, publisher = people
    deputy = make_actor("coordinator")
    row = release_driver.ready(analyst, release_driver.freeze(house))
    tomorrow = deputise(publisher, deputy, 1, 3)
    with pytest.raises(Denied):
        approve.approve(deputy, row, row.draft_sha256, known_read=True)
    deputies.end_appointment(publisher, tomorrow)
    today = deputise(publisher, deputy, 0, 0)
    assert list(queries.releases_to_approve(deputy)) == [row]
    deputies.end_appointment(publisher, today)
    with pytest.raises(Denied):
        approve.approve(deputy, row, row.draft_sha256, known_read=True)
    deputise(publisher, deputy, 0, 1)
    assert approve.approve(deputy, row, row.draft_sha256, known_read=True).state == "published"
    assert Release.objects.get().approved_by_id == deputy.user_id


def test_a_deputy_has_a_fitting_role_and_at_most_three_months(people: tuple[Actor, Actor], make_actor: Any) -> None:
    analyst, publisher = people
    with pytest.raises(Denied):
        deputise(analyst, publisher, 0, 1)
    for actor, first, last in (
        (analyst, 0, 1),
        (publisher, 0, 1),
        (make_actor("coordinator"), 0, 99),
        (make_actor("coordinator"), -3, -1),
        (make_actor("coordinator"), 2, 1),
    ):
        with pytest.raises(BadInput):
            deputise(publisher, actor, first, last)
    assert not Deputy.objects.exists()


@pytest.mark.db
def test_the_database_refuses_users_who_appoint_themselves(people: tuple[Actor, Actor]) -> None:
    today = timezone.localdate()
    with pytest.raises(IntegrityError), transaction.atomic():
        Deputy.objects.create(
            user_id=people[1].user_id, appointed_by_id=people[1].user_id, from_on=today, until_on=today
        )


def test_a_deputy_approves_after_reauthentication(
    house: Path, people: tuple[Actor, Actor], make_user: Any, sign_in: Any
) -> None:
    analyst, publisher = people
    row = release_driver.ready(analyst, release_driver.freeze(house))
    user = make_user("coordinator", password=PASSWORD)
    deputise(publisher, actor_for(user), 0, 1)
    client = sign_in(user)
    just_now(client, user, ago=301)
    address, form = f"/en/work/releases/{row.pk}/approve/", {"draft": row.draft_sha256}
    assert client.get("/en/work/", secure=True).content.decode().count(address) == 1
    assert client.get(address).status_code == 200
    challenge = client.post(address, form)
    assert "step_up_secret" in challenge.content.decode()
    assert Release.objects.get().state == "ready"
    response = client.post(address, form | {"step_up": "1", "step_up_secret": PASSWORD})
    assert (response.status_code, Release.objects.get().state) == (302, "published")


def test_known_disclosures_must_be_confirmed_before_approval(
    house: Path, people: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:

    row = release_driver.ready(people[0], release_driver.freeze(house))
    monkeypatch.setattr(approve, "report_of", lambda row: report_of().model_copy(update={"already_public": 1}))
    with pytest.raises(BadInput, match="read the warning, and confirm"):
        approve.approve(people[1], row, row.draft_sha256, known_read=False)
    assert approve.approve(people[1], row, row.draft_sha256, known_read=True).state == "published"


def test_a_release_without_specification_is_corrected_from_its_manifest(
    people: tuple[Actor, Actor], first: Release
) -> None:
    Release.objects.update(spec={})
    first.refresh_from_db()
    row = compose.correct(people[0], first)
    assert [table["name"] for table in row.spec["table"]] == ["sex"]
    assert row.spec["table"][0]["method"] == "suppress"
