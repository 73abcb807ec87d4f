"""Suppressed and rounded version side by side: the article's table, and the button that takes one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User
from kerege.publishing.gate import run_gate
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.protection_versions import read_comparison
from kerege.publishing.releases.services import check
from tests.publishing import release_driver

pytestmark = pytest.mark.django_db
ARTICLE = {"male": 981, "female": 907, "transgender": 3}


@pytest.fixture
def desk(house: Path, make_user: Any, sign_in: Any) -> Any:
    """Return an analyst's browser."""
    return sign_in(make_user("analyst"))


def test_the_article_rounded_loses_less_than_women_suppressed(house: Path, desk: Any) -> None:
    actor = actor_for(User.objects.get())
    row = release_driver.compose(actor, release_driver.freeze(house, ARTICLE), release_driver.SEX)
    check.ask_check(actor, row)
    row = Release.objects.get()
    assert row.state == "refused"
    [compared] = read_comparison(run_gate.staff_folder(row.pk, row.check_number))
    suppressed, rounded = compared.versions
    figures = {cell.cell.get("sex"): (cell.count, cell.about) for cell in rounded.cells}
    assert (figures["male"], figures["female"]) == ((980, True), (910, True))
    assert "transgender" not in figures
    assert suppressed.loss > 900 > 100 > rounded.loss
    page = desk.get(f"/en/work/releases/{row.pk}/").content.decode()
    assert page.count("≈ 980") == page.count("≈ 910") == 1
    assert page.count("loses less") == 1
    desk.post(f"/en/work/releases/{row.pk}/table/sex/change/", {"action": "version-suppressed"})
    row.refresh_from_db()
    assert (row.state, row.spec["table"][0]["params"]) == ("ready", {"version": "suppressed"})
    assert figures_of(row)["female"] == ""
    desk.post(f"/en/work/releases/{row.pk}/table/sex/change/", {"action": "version-rounded"})
    row.refresh_from_db()
    assert (row.state, figures_of(row)["female"]) == ("ready", "910")
    assert "This version is in the draft." in desk.get(f"/en/work/releases/{row.pk}/").content.decode()


def figures_of(row: Release) -> dict[str, str]:
    """Return the figures of the draft by sex."""
    path = run_gate.drafts(row.pk) / str(row.check_number) / "tables/sex.csv"
    return dict(line.split(",")[:2] for line in path.read_text().splitlines())  # type: ignore[misc]


def test_a_table_that_needs_no_protection_is_not_compared(house: Path, desk: Any) -> None:
    actor = actor_for(User.objects.get())
    row = release_driver.ready(actor, release_driver.freeze(house, {"male": 120, "female": 90}), release_driver.SEX)
    assert read_comparison(run_gate.staff_folder(row.pk, row.check_number)) == []


def test_a_damaged_comparison_is_none(tmp_path: Path) -> None:
    assert read_comparison(tmp_path) == []
    (tmp_path / "versions.json").write_text('{"tables": [1]}')
    assert read_comparison(tmp_path) == []
