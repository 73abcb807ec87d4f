"""Warnings before anything is counted, on the form and on the page of a release."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User
from kerege.evidence.data import snapshot
from kerege.evidence.sdc.composition.planned_tables import GroupCondition
from kerege.publishing.composer import composition
from kerege.publishing.gate.composition_messages import condition_text
from kerege.publishing.releases.models import Release
from tests.publishing import release_driver

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
BY_SEX = {"name": "sex", "of": "victims", "by": ["sex"], "method": "suppress"}
CHOSEN = {"by_1": "", "where_1": "sex=male", "where_2": "origin=UZ", "where_3": "origin=KG", "method": "suppress"}
GROUP = "Sex: Male; Country of origin: other than Uzbekistan or Kyrgyzstan"


@pytest.fixture
def desk(house: Path, make_user: Any, sign_in: Any) -> Any:
    """Return an analyst's browser."""
    return sign_in(make_user("analyst"))


@pytest.fixture
def draft(house: Path, desk: Any) -> Release:
    """Return a draft with a table by sex of people from four countries."""
    countries = ["UZ"] * 120 + ["KG"] * 60 + ["ML"] * 4 + ["KZ"] * 50
    rows = [
        {"sex": "male" if n % 2 else "female", "origin": origin, "year": "2025", "record_id": str(n)}
        for n, origin in enumerate(countries)
    ]
    path = house / "snapshots" / "victims-2025-12-31.parquet"
    path.parent.mkdir(exist_ok=True)
    snapshot.write(path, "victims", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    return release_driver.compose(actor_for(User.objects.get()), path.name, BY_SEX)


def test_the_form_names_tables_group_and_remedies_while_the_user_chooses(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/composition/victims/"
    page = desk.get(address, CHOSEN, headers=HTMX).content.decode()
    assert "<html" not in page
    assert GROUP in page
    assert "fewer than 10, one of the two tables loses a figure" in page
    assert 'value="drop-filter origin"' in page
    assert 'value="all-values origin"' in page
    assert GROUP not in desk.get(address, CHOSEN | {"where_2": "", "where_3": ""}, headers=HTMX).content.decode()
    assert GROUP not in desk.get(address, CHOSEN | {"method": "cellkey"}, headers=HTMX).content.decode()
    assert desk.get(address, CHOSEN)["Location"].endswith("/table/?of=victims")


def test_the_form_answers_within_a_tenth_of_a_second(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/composition/victims/"
    desk.get(address, CHOSEN, headers=HTMX)
    start = time.process_time()
    desk.get(address, CHOSEN, headers=HTMX)
    assert time.process_time() - start < 0.3  # 0.03 s alone; the bound allows for loaded machines


def test_a_remedy_changes_the_form_and_saves_nothing(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/table/?of=victims"
    page = desk.post(address, CHOSEN | {"do": "drop-filter origin"}).content.decode()
    assert GROUP not in page
    assert '<option value="sex=male" selected' in page
    assert '<option value="origin=UZ" selected' not in page
    page = desk.post(address, CHOSEN | {"do": "all-values origin"}).content.decode()
    assert '<option value="origin" selected' in page
    assert GROUP in desk.post(address, CHOSEN | {"do": "compare"}).content.decode()
    draft.refresh_from_db()
    assert len(draft.spec["table"]) == 1


def test_the_page_of_the_release_warns_and_its_buttons_change_the_table(desk: Any, draft: Release) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/table/?of=victims", CHOSEN | {"name": "chosen"})
    address = f"/en/work/releases/{draft.pk}/"
    assert GROUP in desk.get(address).content.decode()
    change = {"action": "all-values", "column": "origin"}
    desk.post(f"{address}table/chosen/change/", change)
    draft.refresh_from_db()
    changed = {"name": "chosen", "of": "victims", "by": ["origin"], "where": {"sex": ["male"]}, "method": "suppress"}
    assert draft.spec["table"][1] == changed
    assert "other than" not in desk.get(address).content.decode()
    desk.post(f"{address}table/chosen/change/", {"action": "drop-table"})
    draft.refresh_from_db()
    assert [table["name"] for table in draft.spec["table"]] == ["sex"]
    assert desk.post(f"{address}table/chosen/change/", {"action": "drop-table"}).status_code == 404


def test_the_saved_table_is_not_compared_with_itself(desk: Any, draft: Release) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/table/?of=victims", CHOSEN | {"name": "chosen"})
    page = desk.get(f"/en/work/releases/{draft.pk}/table/chosen/").content.decode()
    assert page.count(GROUP) == 1
    changed = CHOSEN | {"where_2": "", "where_3": ""}
    address = f"/en/work/releases/{draft.pk}/composition/victims/?instead=chosen"
    assert "Sex: Male" not in desk.get(address, changed, headers=HTMX).content.decode()


def test_a_signed_release_of_the_same_date_is_a_table_beside(
    house: Path, desk: Any, draft: Release, make_actor: Any
) -> None:
    actor = actor_for(User.objects.get(assignments__role="analyst"))
    release_driver.published(actor, make_actor("publisher"), draft.snapshots[0], BY_SEX)
    row = release_driver.compose(actor, draft.snapshots[0], BY_SEX | {"name": "y", "by": [], "where": {"origin": "UZ"}})
    with translation.override("en"):
        [warning] = composition.release_warnings(row)
    assert "(Sex)" in warning.fact  # the title of the earlier release
    assert "other than Uzbekistan" in warning.fact
    other = release_driver.freeze(house, as_of="2026-01-31")
    Release.objects.filter(pk=row.pk).update(snapshots=[other])
    row.refresh_from_db()
    assert composition.release_warnings(row) == []


def test_tables_in_a_ring_are_named_together(desk: Any, draft: Release) -> None:
    pairs = (("sex", "year"), ("sex", "origin"), ("year", "origin"))
    for by in pairs:
        desk.post(
            f"/en/work/releases/{draft.pk}/table/?of=victims", {"by_1": by[0], "by_2": by[1], "method": "suppress"}
        )
    page = desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    assert "These 3 tables together can reveal single combinations of sex, " in page


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_condition_has_words_in_the_language(lang: str) -> None:
    codes = ("UZ", "KG", "TJ", "TM")
    with translation.override(lang):
        texts = {
            condition_text("victims", GroupCondition("origin", kind, codes[:n], is_other=other))  # type: ignore[arg-type]
            for kind in ("value", "each", "values", "none of", "none but each")
            for n in (0, 1, 2, 4)
            for other in (False, True)
        }
    assert all("%(" not in text and not set(codes) & set(text.split()) for text in texts)
