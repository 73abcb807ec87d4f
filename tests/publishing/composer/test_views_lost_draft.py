"""A draft that is damaged, gone or of an older version: one sentence and the way out, on every page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from kerege.base.errors import BadInput, Refused
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User
from kerege.publishing.gate import run_gate
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import approve, check
from tests.publishing import release_driver

pytestmark = pytest.mark.django_db
SENTENCE = "The files of this check are damaged, or another version of Kerege wrote them."
Damage = Callable[[Path], object]


def make_older(folder: Path) -> None:
    """Rename a key of the draft, as an older version wrote it."""
    path = folder / run_gate.DRAFT
    tree = json.loads(path.read_text())
    tree["attack"]["unknown"] = tree["attack"].pop("examined")
    path.write_text(json.dumps(tree))


DAMAGES: dict[str, Damage] = {
    "no JSON": lambda folder: (folder / run_gate.DRAFT).write_text('{"format": '),
    "no text": lambda folder: (folder / run_gate.DRAFT).write_bytes(b"\xff\xfe\x00"),
    "no object": lambda folder: (folder / run_gate.DRAFT).write_text("[]"),
    "older": make_older,
    "without a table": lambda folder: (folder / "tables/sex.csv").unlink(),
    "with another table": lambda folder: (folder / "tables/sex.csv").write_text("sex,count,status\n"),
    "gone": shutil.rmtree,
}


@pytest.fixture
def analyst(house: Path, make_user: Any) -> User:
    """Return the user who composes."""
    return make_user("analyst")  # type: ignore[no-any-return]


def checked(analyst: User, house: Path, damage: Damage) -> Release:
    """Return a checked release whose draft is damaged."""
    row = release_driver.ready(actor_for(analyst), release_driver.freeze(house))
    damage(run_gate.drafts(row.pk) / str(row.check_number))
    return row


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_the_page_says_so_and_a_new_check_mends_it(analyst: User, house: Path, sign_in: Any, damage: Damage) -> None:
    row, desk = checked(analyst, house, damage), sign_in(analyst)
    address = f"/en/work/releases/{row.pk}/"
    answer = desk.get(address)
    assert answer.status_code == 200
    assert SENTENCE in answer.content.decode()
    assert desk.get(f"{address}text/").status_code == 200
    assert desk.get(f"{address}tables/sex.csv").status_code == 404
    page = desk.post(f"{address}check/", follow=True).content.decode()
    assert SENTENCE not in page
    assert "No new disclosure risk found" in page


@pytest.mark.parametrize("damage", [DAMAGES["older"], DAMAGES["without a table"]])
def test_nobody_approves_what_cannot_be_read(
    analyst: User, house: Path, make_user: Any, sign_in: Any, damage: Damage
) -> None:
    row = checked(analyst, house, damage)
    publisher = make_user("publisher")
    assert sign_in(publisher).get(f"/en/work/releases/{row.pk}/approve/")["Location"] == f"/en/work/releases/{row.pk}/"
    with translation.override("en"), pytest.raises(Refused, match=SENTENCE):
        approve.approve(actor_for(publisher), row, row.draft_sha256, known_read=True)
    row.refresh_from_db()
    assert (row.state, row.approved_by) == ("ready", None)


def test_no_safe_variant_of_a_lost_draft(analyst: User, house: Path) -> None:
    actor = actor_for(analyst)
    row = release_driver.compose(actor, release_driver.freeze(house), release_driver.SEX)
    check.ask_check(actor, row)
    row.refresh_from_db()
    DAMAGES["no JSON"](run_gate.drafts(row.pk) / str(row.check_number))
    with pytest.raises(BadInput, match="the files of this check are damaged"):
        check.adopt_safe_variant(actor, row)
