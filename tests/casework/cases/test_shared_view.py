"""An agency with a share of a case sees the shared categories, and no other data of the case."""

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

pytestmark = pytest.mark.django_db
PHONE = "+7 701 555 01 99"
# text on the page that shows a category
SIGNS = {
    "identity": (CANARY, "Female"),
    "contact": ("Telephone", "never before noon"),
    "exploitation": ("Forced begging", "Status, social track"),
    "needs": ("High",),
    "proceedings": ("Status, police track",),
}


@pytest.fixture
def shared_case(make_case: Any, make_agency: Any, operator: Any) -> Case:
    """Return a case of a social protection office with data in every category."""
    owner = make_agency("owner", "social_protection")
    person_identity = identity(phones=[PHONE], safe_contact="never before noon", languages=["uz"])
    case = make_case(
        owner, person_identity, exploitations=[{"main_form": "begging"}], risk_level="high", route="hotline"
    )
    for track in ("social", "police"):
        decisions.decide(operator, DecisionDraft(case, track, "identified", date(2025, 4, 1), "x", authority=owner))
    case.refresh_from_db()
    return case


def all_tabs(client: Any, case: Case) -> str:
    """Return all tabs of a case that the client can open."""
    with translation.override("en"):
        url = reverse("cases:case", kwargs={"pk": case.pk})
    tabs = ("overview", "person", "identification", "sharing", "history")
    return "".join(client.get(f"{url}?tab={tab}").content.decode() for tab in tabs)


@pytest.mark.parametrize(
    "category",
    [
        *SIGNS,
        pytest.param("", marks=pytest.mark.db),
        "health",
        "family",
        pytest.param("services", marks=pytest.mark.db),
    ],
)
def test_a_share_of_one_category_shows_only_this_category(
    category: str, shared_case: Case, make_agency: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    authority = make_agency("authority", "social_protection")
    shares.share(operator, shared_case, authority, "legal", categories=[category] if category else [])
    client = sign_in(make_user("caseworker", agency=authority))
    html = all_tabs(client, shared_case)
    assert shared_case.reference in html
    for name, signs in SIGNS.items():
        assert [sign in html for sign in signs] == [name == category] * len(signs), name
    [row] = client.get("/en/work/cases/").context["rows"]
    in_list = {"identity": row.name, "needs": row.case.risk_level, "exploitation": row.main or row.case.social_status}
    assert {name for name, value in in_list.items() if value} == {category} & set(in_list)


@pytest.mark.db
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


@pytest.mark.db
def test_the_owner_sees_all(shared_case: Case, make_actor: Any, make_agency: Any) -> None:
    owner = make_actor("caseworker", agency=make_agency("owner"))
    assert shared_view.granted(owner, shared_case) is None
    with audit.act(owner, "tests.read"):
        assert "names" in vault.read(owner, shared_case.record)


@pytest.mark.parametrize(
    ("kind", "never"),
    [
        pytest.param("internal_affairs", {"health", "services"}, marks=pytest.mark.db),
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
    requested = ["identity", "contact", "exploitation", "health", "needs", "services", "family", "proceedings"]
    row = shares.share(operator, shared_case, make_agency(f"a-{kind}", kind), "legal", categories=requested)
    assert set(requested) - set(row.categories) == never


@pytest.mark.db
def test_an_agency_with_a_share_reads_no_false_claim_about_missing_services(
    shared_case: Case, make_agency: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    """Services that are not shared are not reported as missing; the owner reads the true state."""
    guest = make_agency("guest", "ngo")
    shares.share(operator, shared_case, guest, "legal", categories=["identity"])
    claims = ("No service yet", "Lives in no shelter", "No other agency has been asked")
    with translation.override("en"):
        page_url = reverse("cases:case", kwargs={"pk": shared_case.pk})
    for user, is_owner in (
        (make_user("caseworker", agency=guest), False),
        (make_user("caseworker", agency=shared_case.agency), True),
    ):
        client = sign_in(user)
        tabs_html = "".join(client.get(f"{page_url}?tab={tab}").content.decode() for tab in ("assistance", "sharing"))
        assert [claim in tabs_html for claim in claims] == [is_owner] * len(claims)
        # the agency is offered no bed or service before it accepts a referral
        for name in ("arrive", "add-service"):
            assert (reverse(f"assistance:{name}", args=[shared_case.pk]).split("/", 2)[2] in tabs_html) is is_owner


@pytest.mark.db
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


@pytest.mark.db
@pytest.mark.parametrize(
    ("filters", "category"),
    [
        ({"risk_level": "high"}, "needs"),
        ({"social_status": "identified"}, "exploitation"),
        ({"exploitation_form": "begging"}, "exploitation"),
    ],
)
def test_no_filter_reveals_an_unshared_category(
    filters: dict[str, str], category: str, shared_case: Case, make_agency: Any, make_actor: Any, operator: Any
) -> None:
    authority = make_agency("authority", "social_protection")
    reader = make_actor("caseworker", agency=authority)
    shares.share(operator, shared_case, authority, "legal", categories=["identity"])
    assert not cases.case_list(reader, cases.Filters(**filters))  # type: ignore[arg-type]
    shares.share(operator, shared_case, authority, "legal", categories=[category])
    assert list(cases.case_list(reader, cases.Filters(**filters))) == [shared_case]  # type: ignore[arg-type]


@pytest.mark.db
def test_a_masked_case_cannot_be_saved(shared_case: Case) -> None:
    with pytest.raises(TypeError):
        shared_view.mask_unshared(shared_case, frozenset()).save()
    assert shared_case.risk_level == "high"
