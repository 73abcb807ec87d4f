"""Suppressed and rounded version side by side: the article's table, and the button that takes one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User
from kerege.publishing.gate import run_gate
from kerege.publishing.presenters.versions import bound_text
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.protection_versions import TableVersion, is_merged, read_comparison
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
    assert suppressed.lower_bound == suppressed.weighted_loss
    assert rounded.lower_bound is None
    assert compared.draft_loss == 0
    page = desk.get(f"/en/work/releases/{row.pk}/").content.decode()
    assert page.count("≈ 980") == page.count("≈ 910") == 1
    assert page.count(">smaller loss<") == 1
    assert "No other choice of suppressed figures has a smaller loss" in page
    assert "For rounding, no lower bound of the loss is known." in page
    desk.post(f"/en/work/releases/{row.pk}/table/sex/change/", {"action": "version-suppressed"})
    row.refresh_from_db()
    assert (row.state, row.spec["table"][0]["params"]) == ("ready", {"version": "suppressed"})
    assert figures_of(row)["female"] == ""
    [compared] = read_comparison(run_gate.staff_folder(row.pk, row.check_number))
    assert compared.draft_loss == suppressed.loss
    desk.post(f"/en/work/releases/{row.pk}/table/sex/change/", {"action": "version-rounded"})
    row.refresh_from_db()
    assert (row.state, figures_of(row)["female"]) == ("ready", "910")
    [compared] = read_comparison(run_gate.staff_folder(row.pk, row.check_number))
    assert compared.draft_loss == rounded.loss
    page = desk.get(f"/en/work/releases/{row.pk}/").content.decode()
    assert "This version is in the draft." in page
    assert f"the information loss of this table is {round(rounded.loss)}." in page


def figures_of(row: Release) -> dict[str, str]:
    """Return the figures of the draft by sex."""
    path = run_gate.drafts(row.pk) / str(row.check_number) / "tables/sex.csv"
    return dict(line.split(",")[:2] for line in path.read_text().splitlines())  # type: ignore[misc]


def test_the_bound_of_a_loss_that_is_not_proved_least_is_rounded_down() -> None:
    version = TableVersion(version="suppressed", loss=60, cells=[], weighted_loss=124, lower_bound=115)
    assert "at least 92 % of this" in bound_text(version)
    assert "no lower bound" in bound_text(version.model_copy(update={"lower_bound": None}))


def test_merged_categories_have_no_loss_by_cells(house: Path) -> None:
    assert is_merged({"coarsened:origin": "parent"})
    assert not is_merged({"half_width": 5})


def test_a_table_with_one_safe_version_shows_its_loss(house: Path, desk: Any) -> None:
    actor = actor_for(User.objects.get())
    row = release_driver.ready(actor, release_driver.freeze(house, {"male": 8, "female": 9, "transgender": 12}))
    [compared] = read_comparison(run_gate.staff_folder(row.pk, row.check_number))
    assert [version.version for version in compared.versions] == ["suppressed"]
    page = desk.get(f"/en/work/releases/{row.pk}/").content.decode()
    assert "Tables with one safe version" in page
    assert f"Information loss: {round(compared.versions[0].loss)} (people in suppressed figures)." in page


def test_a_table_that_needs_no_protection_is_not_compared(house: Path, desk: Any) -> None:
    actor = actor_for(User.objects.get())
    row = release_driver.ready(actor, release_driver.freeze(house, {"male": 120, "female": 90}), release_driver.SEX)
    assert read_comparison(run_gate.staff_folder(row.pk, row.check_number)) == []


def test_a_damaged_comparison_is_none(tmp_path: Path) -> None:
    assert read_comparison(tmp_path) == []
    (tmp_path / "versions.json").write_text('{"tables": [1]}')
    assert read_comparison(tmp_path) == []
