"""Details of an agency: its administrator and those above it change them at once, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from kerege.core.accounts.agency_details import AgencyDetails, edit_agency, list_tree
from kerege.core.accounts.models import Agency
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Denied

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DETAILS = AgencyDetails({"kk": "Орталық", "ru": "Центр", "en": "Centre"}, region="19", languages=["kk", "ru"])


@pytest.fixture
def tree(make_agency: Any) -> dict[str, Agency]:
    """Return an agency, the one above it, the one below it, and another one."""
    above, own, below, other = (make_agency(code, "ngo") for code in ("above", "own", "below", "other"))
    Agency.objects.filter(pk=own.pk).update(parent=above)
    Agency.objects.filter(pk=below.pk).update(parent=own)
    return {"above": above, "own": own, "below": below, "other": other}


@pytest.mark.parametrize(
    ("place", "reach"),
    [("own", {"own", "below"}), ("above", {"above", "own", "below"}), ("below", {"below"}), ("other", {"other"})],
)
def test_an_administrator_edits_the_agency_and_those_below_it(
    place: str, reach: set[str], tree: dict[str, Agency], make_actor: Any
) -> None:
    actor = make_actor("administrator", agency=tree[place])
    for name, agency in tree.items():
        if name in reach:
            assert edit_agency(actor, agency, DETAILS)
        else:
            with pytest.raises(Denied):
                edit_agency(actor, agency, DETAILS)
    assert set(list_tree(actor).values_list("code", flat=True)) == reach


def test_only_changed_fields_are_written_and_the_event_names_no_value(tree: Any, make_actor: Any) -> None:
    actor = make_actor("administrator", agency=tree["own"])
    assert set(edit_agency(actor, tree["own"], DETAILS)) == {"names", "region", "languages"}
    assert edit_agency(actor, tree["own"], DETAILS) == []
    row = Agency.objects.get(pk=tree["own"].pk)
    assert (row.names["en"], row.region, row.languages, row.parent) == ("Centre", "19", ["kk", "ru"], tree["above"])
    events = AuditEvent.objects.filter(action="agencies.edit").order_by("seq")
    assert [len(event.details["changed"]) for event in events] == [3, 0]
    assert "Centre" not in str(list(events.values_list("details", flat=True)))


@pytest.mark.parametrize(
    "wrong", [{"region": "nowhere"}, {"languages": ["nowhere"]}, {"names": {"kk": "", "ru": "x", "en": "x"}}]
)
def test_a_code_of_no_list_and_an_empty_name_are_refused(wrong: dict[str, Any], tree: Any, make_actor: Any) -> None:
    actor = make_actor("administrator", agency=tree["own"])
    with pytest.raises(ValidationError):
        edit_agency(actor, tree["own"], AgencyDetails(**(vars(DETAILS) | wrong)))
    assert Agency.objects.get(pk=tree["own"].pk).names["en"] == "own en"


def test_the_tree_counts_active_users_and_administrators(tree: Any, make_actor: Any, make_user: Any) -> None:
    actor = make_actor("administrator", agency=tree["own"])
    make_user("caseworker", "supervisor", agency=tree["own"])
    gone = make_user("administrator", agency=tree["own"])
    gone.is_active = False
    gone.save()
    row = list_tree(actor).get(code="own")
    assert (row.users, row.administrators, row.last_sign_in) == (2, 1, None)
