"""An agency with which a case is shared sees the categories that are shared, and nothing else exists for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kerege.casework.cases import shared_view
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.queries import cases
from kerege.casework.cases.services import decisions, shares
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.casework.vault.queries import identities as vault
from kerege.core import audit
from tests.casework.conftest import CANARY, identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PHONE = "+7 701 555 01 99"
# what shows that a category was told
SIGNS = {
    "identity": (CANARY, "Feminine"),
    "contact": ("Telephone", "never before noon"),
    "exploitation": ("Forced begging", "Status, social track"),
    "needs": ("High",),
    "proceedings": ("Status, police track",),
}


@pytest.fixture
def shared_case(make_case: Any, make_agency: Any, operator: Any) -> Case:
    """A case of a social protection office with something in every category."""
    owner = make_agency("owner", "social_protection")
    told = identity(phones=[PHONE], safe_contact="never before noon", languages=["uz"])
    case = make_case(owner, told, exploitations=[{"main_form": "begging"}], risk_level="high", route="hotline")
    for track in ("social", "police"):
        decisions.decide(operator, DecisionDraft(case, track, "identified", date(2025, 4, 1), "x", authority=owner))
    case.refresh_from_db()
    return case


def page(client: Any, case: Case) -> str:
    """Everything that the reader can open of a case."""
    with translation.override("en"):
        here = reverse("cases:case", kwargs={"pk": case.pk})
    tabs = ("overview", "person", "identification", "sharing", "history")
    return "".join(client.get(f"{here}?tab={tab}").content.decode() for tab in tabs)


@pytest.mark.parametrize("category", [*SIGNS, "", "health", "family", "services"])
def test_each_category_opens_itself_and_nothing_else(
    category: str, shared_case: Case, make_agency: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    authority = make_agency("authority", "social_protection")
    shares.share(operator, shared_case, authority, "legal", categories=[category] if category else [])
    client = sign_in(make_user("caseworker", agency=authority))
    seen = page(client, shared_case)
    assert shared_case.reference in seen
    for name, signs in SIGNS.items():
        assert [sign in seen for sign in signs] == [name == category] * len(signs), name
    [row] = client.get("/en/work/cases/").context["rows"]
    listed = {"identity": row.name, "needs": row.case.risk_level, "exploitation": row.main or row.case.social_status}
    assert {name for name, value in listed.items() if value} == {category} & set(listed)


def test_several_shares_with_one_agency_add_up(
    shared_case: Case, make_agency: Any, make_actor: Any, operator: Any
) -> None:
    authority = make_agency("authority", "social_protection")
    reader = make_actor("caseworker", agency=authority)
    first = shares.share(operator, shared_case, authority, "legal", categories=["identity"])
    shares.share(operator, shared_case, authority, "legal", categories=["contact", "needs"])
    assert shared_view.granted(reader, shared_case) == {"identity", "contact", "needs"}
    Share.objects.filter(pk=first.pk).update(to_at=first.from_at)
    assert shared_view.granted(reader, shared_case) == {"contact", "needs"}
    with audit.act(reader, "tests.read"):
        assert set(vault.read(reader, shared_case.record)) == {"phones", "safe_contact", "languages"}


def test_the_owner_sees_all(shared_case: Case, make_actor: Any, make_agency: Any) -> None:
    owner = make_actor("caseworker", agency=make_agency("owner"))
    assert shared_view.granted(owner, shared_case) is None
    with audit.act(owner, "tests.read"):
        assert "names" in vault.read(owner, shared_case.record)


@pytest.mark.parametrize(
    ("kind", "never"),
    [
        ("internal_affairs", {"health", "services"}),
        ("court", {"health", "services"}),
        ("ngo", {"proceedings"}),
        ("crisis_centre", {"proceedings"}),
        ("health", {"proceedings"}),
        ("social_protection", set()),
    ],
)
def test_police_never_see_health_and_providers_never_see_proceedings(
    kind: str, never: set[str], shared_case: Case, make_agency: Any, operator: Any
) -> None:
    every = ["identity", "contact", "exploitation", "health", "needs", "services", "family", "proceedings"]
    row = shares.share(operator, shared_case, make_agency(f"a-{kind}", kind), "legal", categories=every)
    assert set(every) - set(row.categories) == never


def test_a_reader_from_outside_is_told_nothing_false_about_help_that_others_give(
    shared_case: Case, make_agency: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    """What runs elsewhere and is not shared is not said to be missing; the owner, for whom it is true, reads so."""
    guest = make_agency("guest", "ngo")
    shares.share(operator, shared_case, guest, "legal", categories=["identity"])
    claims = ("No service yet", "Lives in no shelter", "Nobody else has been asked")
    with translation.override("en"):
        here = reverse("cases:case", kwargs={"pk": shared_case.pk})
    for user, true in (
        (make_user("caseworker", agency=guest), False),
        (make_user("caseworker", agency=shared_case.agency), True),
    ):
        client = sign_in(user)
        shown = "".join(client.get(f"{here}?tab={tab}").content.decode() for tab in ("assistance", "sharing"))
        assert [claim in shown for claim in claims] == [true] * len(claims)
        # nor is a guest offered a bed or a service before she has accepted a referral
        for name in ("arrive", "add-service"):
            assert (reverse(f"assistance:{name}", args=[shared_case.pk]).split("/", 2)[2] in shown) is true


def test_a_name_that_is_not_shared_is_not_found(
    shared_case: Case, make_agency: Any, make_actor: Any, operator: Any
) -> None:
    authority = make_agency("authority", "social_protection")
    reader = make_actor("caseworker", agency=authority)
    shares.share(operator, shared_case, authority, "legal", categories=["needs"])
    with audit.act(reader, "tests.search"):
        assert cases.search(reader, CANARY) == []
        shares.share(operator, shared_case, authority, "legal", categories=["identity"])
        assert cases.search(reader, CANARY) == [shared_case]


@pytest.mark.parametrize(
    ("asked", "category"),
    [
        ({"risk_level": "high"}, "needs"),
        ({"social_status": "identified"}, "exploitation"),
        ({"exploitation_form": "begging"}, "exploitation"),
    ],
)
def test_no_filter_tells_what_is_not_shared(
    asked: dict[str, str], category: str, shared_case: Case, make_agency: Any, make_actor: Any, operator: Any
) -> None:
    authority = make_agency("authority", "social_protection")
    reader = make_actor("caseworker", agency=authority)
    shares.share(operator, shared_case, authority, "legal", categories=["identity"])
    assert not cases.case_list(reader, cases.Filters(**asked))  # type: ignore[arg-type]
    shares.share(operator, shared_case, authority, "legal", categories=[category])
    assert list(cases.case_list(reader, cases.Filters(**asked))) == [shared_case]  # type: ignore[arg-type]


def test_what_another_agency_sees_cannot_be_stored(shared_case: Case) -> None:
    with pytest.raises(TypeError):
        shared_view.mask_unshared(shared_case, frozenset()).save()
    assert shared_case.risk_level == "high"
