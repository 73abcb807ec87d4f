"""What becomes of a public release: corrected with a note, withdrawn with a reason; deputies; the public pages."""

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
from tests.publishing import release_driver

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NOTE = {"kk": "Қате түзетілді", "ru": "Исправлена ошибка", "en": "An error was mended"}
PASSWORD = "кереге-шаңырақ-уық"


@pytest.fixture
def people(house: Path, make_actor: Any) -> tuple[Actor, Actor]:
    """Who composes, and who approves."""
    return make_actor("analyst"), make_actor("publisher")


@pytest.fixture
def first(house: Path, people: tuple[Actor, Actor]) -> Release:
    """A public release."""
    return release_driver.published(*people, release_driver.freeze(house))


@pytest.fixture
def visitor() -> Client:
    """Somebody who is not signed in."""
    return Client(HTTP_HOST="localhost")


def page(visitor: Client, path: str, lang: str = "en") -> Any:
    """A public page."""
    return visitor.get(f"/{lang}/{path}", secure=True)


def corrected(people: tuple[Actor, Actor], first: Release, embargo_at: Any = None) -> Release:
    """The correction of a release, approved: one table more, so that nothing else is told of anybody."""
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


def test_a_correction_needs_its_note(people: tuple[Actor, Actor], first: Release) -> None:
    row = compose.correct(people[0], first)
    with pytest.raises(BadInput, match="public note"):
        check.ask_check(people[0], row)


def test_a_correction_replaces_the_old_one_in_the_report_and_the_old_one_stays_and_says_so(
    people: tuple[Actor, Actor], first: Release, visitor: Client
) -> None:
    new = corrected(people, first)
    first.refresh_from_db()
    assert (first.state, new.state) == ("corrected", "published")
    edition = queries.edition(2025)
    assert edition is not None
    assert [each.path.name for each in edition.releases] == [new.directory]
    old = page(visitor, f"releases/{first.directory}/", "ru")
    assert old.status_code == 200
    assert NOTE["ru"] in old.content.decode()
    assert f"/releases/{new.directory}/" in old.content.decode()
    assert NOTE["kk"] in page(visitor, f"releases/{new.directory}/", "kk").content.decode()
    assert NOTE["en"] in page(visitor, "releases/").content.decode()
    assert verify(release_files.folder() / new.directory).revision_of == first.directory


def test_until_its_hour_a_correction_changes_nothing(people: tuple[Actor, Actor], first: Release) -> None:
    at = timezone.now() + timedelta(days=1)
    new = corrected(people, first, at)
    edition = queries.edition(2025)
    assert edition is not None
    assert [each.path.name for each in edition.releases] == [first.directory]
    assert catalogue.one(first.directory).corrected_by is None  # type: ignore[union-attr]
    assert catalogue.one(new.directory) is None
    assert queries.superseded(at) == frozenset({first.directory})


def test_only_the_newest_version_is_corrected(people: tuple[Actor, Actor], first: Release) -> None:
    corrected(people, first)
    first.refresh_from_db()
    with pytest.raises(BadInput):
        compose.correct(people[0], first)


def test_of_two_corrections_of_one_release_one_stands(people: tuple[Actor, Actor], first: Release) -> None:
    second = compose.correct(people[0], first)
    corrected(people, first)
    second.state, second.approved_by_id, second.approved_at = "approved", people[1].user_id, timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_a_withdrawn_release_leaves_its_reason_in_its_place(
    people: tuple[Actor, Actor], first: Release, visitor: Client
) -> None:
    reason = {"kk": "Дереккөз қате", "ru": "Ошибка источника", "en": "The source was wrong"}
    with pytest.raises(Denied):
        approve.withdraw(people[0], first, reason)
    approve.withdraw(people[1], first, reason)
    assert queries.edition(2025) is None
    told = page(visitor, f"releases/{first.directory}/")
    assert told.status_code == 410
    assert reason["en"] in told.content.decode()
    assert reason["ru"] in page(visitor, "releases/", "ru").content.decode()
    assert page(visitor, f"releases/{first.directory}/manifest.json").status_code == 404
    assert page(visitor, f"releases/{first.directory}/release.zip").status_code == 404


# -- the public pages --------------------------------------------------------------------------------------------------
def test_a_release_is_taken_along_whole_and_verifies(first: Release, visitor: Client, tmp_path: Path) -> None:
    packed = page(visitor, f"releases/{first.directory}/release.zip")
    assert "invented-data" in packed["Content-Disposition"]
    zipfile.ZipFile(io.BytesIO(packed.content)).extractall(tmp_path / "taken")
    assert verify(tmp_path / "taken" / first.directory).period == "2025"
    csv = page(visitor, f"releases/{first.directory}/tables/sex.csv")
    assert csv.content.startswith(b"sex,count,status")
    assert csv["Content-Disposition"] == 'attachment; filename="sex.invented-data.csv"'


@pytest.mark.parametrize("part", ["draft.json", "../ledger/ledger.jsonl", "tables/none.csv", "tables/../manifest.json"])
def test_only_what_the_manifest_names_is_handed_out(first: Release, visitor: Client, part: str) -> None:
    assert page(visitor, f"releases/{first.directory}/{part}").status_code == 404


def test_what_was_changed_on_disk_since_it_was_first_read_is_not_handed_out(first: Release, visitor: Client) -> None:
    address = f"releases/{first.directory}/"
    assert page(visitor, address).status_code == 200
    table = release_files.folder() / first.directory / "tables/sex.csv"
    table.write_text(table.read_text().replace("213", "214"))
    for part in ("", "tables/sex.csv", "release.zip", "manifest.json"):
        assert page(visitor, address + part).status_code == 404


def test_of_an_embargoed_release_no_page_and_no_file_shows_anything(
    house: Path, people: tuple[Actor, Actor], visitor: Client
) -> None:
    at = timezone.now() + timedelta(hours=1)
    title = dict.fromkeys(release_driver.TITLE, "Kept until ten")
    row = release_driver.published(*people, release_driver.freeze(house), embargo_at=at, title=title)
    assert row.is_signed
    parts = ("", "manifest.json", "release.zip", "tables/sex.csv")
    paths = ["", "2025/", "releases/", "2025/press-release/", "2025/data/sex.csv", "2025/report.pdf"]
    for path in [*paths, *(f"releases/{row.directory}/{part}" for part in parts)]:
        answer = page(visitor, path)
        assert answer.status_code == (200 if path in ("", "releases/") else 404), path
        assert "Kept until ten" not in answer.content.decode(errors="replace")
        if row.directory not in path:  # the language links of a page repeat its own address
            assert row.directory not in answer.content.decode(errors="replace")
    Release.objects.update(embargo_at=timezone.now())
    assert "Kept until ten" in page(visitor, "releases/").content.decode()
    assert page(visitor, f"releases/{row.directory}/").status_code == 200


def test_the_press_page_carries_the_words_of_the_release(
    house: Path, people: tuple[Actor, Actor], visitor: Client
) -> None:
    prose = {lang: f"{word}: {{{{table:sex}}}}." for lang, word in (("kk", "Барлығы"), ("ru", "Всего"), ("en", "All"))}
    row = release_driver.published(*people, release_driver.freeze(house), prose=prose)
    assert "Всего: <strong>213</strong>." in page(visitor, f"releases/{row.directory}/", "ru").content.decode()
    assert "All: <strong>213</strong>." in page(visitor, "2025/press-release/").content.decode()


# -- deputies ----------------------------------------------------------------------------------------------------------
def deputise(publisher: Actor, actor: Actor, first: int, last: int) -> Deputy:
    """Name a deputy from one day to another, counted from today."""
    today, user = timezone.localdate(), User.objects.get(pk=actor.user_id)
    return deputies.appoint(publisher, user, today + timedelta(days=first), today + timedelta(days=last))


def test_a_deputy_approves_in_her_days_and_not_outside_of_them(
    house: Path, people: tuple[Actor, Actor], make_actor: Any
) -> None:
    analyst, publisher = people
    saule = make_actor("coordinator")
    row = release_driver.ready(analyst, release_driver.freeze(house))
    tomorrow = deputise(publisher, saule, 1, 3)
    with pytest.raises(Denied):
        approve.approve(saule, row, row.draft_sha256, known_read=True)
    deputies.end(publisher, tomorrow)
    today = deputise(publisher, saule, 0, 0)
    assert list(queries.to_approve(saule)) == [row]
    deputies.end(publisher, today)
    with pytest.raises(Denied):
        approve.approve(saule, row, row.draft_sha256, known_read=True)
    deputise(publisher, saule, 0, 1)
    assert approve.approve(saule, row, row.draft_sha256, known_read=True).state == "published"
    assert Release.objects.get().approved_by_id == saule.user_id


def test_who_can_be_a_deputy_and_for_how_long(people: tuple[Actor, Actor], make_actor: Any) -> None:
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
def test_the_database_too_refuses_a_deputy_of_her_own_naming(people: tuple[Actor, Actor]) -> None:
    today = timezone.localdate()
    with pytest.raises(IntegrityError), transaction.atomic():
        Deputy.objects.create(
            user_id=people[1].user_id, appointed_by_id=people[1].user_id, from_on=today, until_on=today
        )


def test_at_night_a_deputy_approves_after_confirming_that_it_is_she(
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
    asked = client.post(address, form)
    assert "step_up_secret" in asked.content.decode()
    assert Release.objects.get().state == "ready"
    done = client.post(address, form | {"step_up": "1", "step_up_secret": PASSWORD})
    assert (done.status_code, Release.objects.get().state) == (302, "published")


def test_what_is_known_already_is_read_before_it_is_approved(
    house: Path, people: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:

    row = release_driver.ready(people[0], release_driver.freeze(house))
    monkeypatch.setattr(approve, "report_of", lambda row: {"already_public": 1})
    with pytest.raises(BadInput, match="read it, and say so"):
        approve.approve(people[1], row, row.draft_sha256, known_read=False)
    assert approve.approve(people[1], row, row.draft_sha256, known_read=True).state == "published"


def test_a_release_of_the_operator_is_corrected_from_its_manifest(people: tuple[Actor, Actor], first: Release) -> None:
    Release.objects.update(spec={})
    first.refresh_from_db()
    row = compose.correct(people[0], first)
    assert [table["name"] for table in row.spec["table"]] == ["sex"]
    assert row.spec["table"][0]["method"] == "suppress"
