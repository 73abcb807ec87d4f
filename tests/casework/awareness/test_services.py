"""Campaigns: planned against reached values, hotline contacts during and before, codes only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from kerege.base.errors import BadInput
from kerege.casework.awareness import queries, services
from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.core import authorization
from kerege.vocabulary import codes

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 7, 28), date(2025, 7, 30)


def make_campaign(agency: Any, **values: Any) -> Campaign:
    defaults = {"titles": {"kk": "Тақырып", "ru": "Тема", "en": "Theme"}, "starts_on": FIRST, "ends_on": LAST}
    return Campaign(agency=agency, **(defaults | values))


def add_contact(operator: Any, agency: Any, day: date, region: str = "", hour: int = 12) -> None:
    at = timezone.make_aware(datetime.combine(day, time(hour)))
    contact = HotlineContact(agency=agency, at=at, channel="phone", topic="work_abroad", region=region)
    services.record_contacts(operator, [contact])


@pytest.fixture
def coordinator(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("coordinator", agency=make_agency("ministry", "social_protection"))


@pytest.mark.db
def test_contacts_are_counted_during_and_before_the_campaign(operator: Any, make_agency: Any, coordinator: Any) -> None:
    hotline = make_agency("hotline", "hotline")
    days = {FIRST: 2, LAST: 1, FIRST - timedelta(days=1): 1, FIRST - timedelta(days=4): 5, LAST + timedelta(days=1): 7}
    for day, times in days.items():
        for _ in range(times):
            add_contact(operator, hotline, day)
    add_contact(operator, hotline, LAST, hour=23)
    add_contact(operator, hotline, FIRST - timedelta(days=3), hour=0)
    services.record_campaigns(operator, [make_campaign(make_agency())])
    [line] = queries.build_lines(coordinator, queries.list_campaigns(coordinator))
    assert (line.contacts, line.before) == (4, 2)


@pytest.mark.db
def test_a_regional_campaign_counts_contacts_of_its_region(operator: Any, make_agency: Any, coordinator: Any) -> None:
    hotline = make_agency("hotline", "hotline")
    for region in ("35", "35", "75", "", "unknown"):
        add_contact(operator, hotline, FIRST, region)
    services.record_campaigns(operator, [make_campaign(make_agency(), region="35"), make_campaign(make_agency())])
    counted = {
        line.campaign.region: line.contacts
        for line in queries.build_lines(coordinator, queries.list_campaigns(coordinator))
    }
    assert counted == {"35": 2, "": 5}


@pytest.mark.db
def test_a_campaign_that_has_not_begun_has_no_contacts(operator: Any, make_agency: Any, coordinator: Any) -> None:
    begins = timezone.localdate() + timedelta(days=9)
    services.record_campaigns(operator, [make_campaign(make_agency(), starts_on=begins, ends_on=None)])
    [line] = queries.build_lines(coordinator, queries.list_campaigns(coordinator))
    assert (line.contacts, line.before) == (None, None)


@pytest.mark.db
def test_planned_and_reached_are_compared_only_where_both_are_known(
    operator: Any, make_agency: Any, coordinator: Any
) -> None:
    rows = [
        make_campaign(make_agency(), planned_reach=1000, reach=1500, planned_cost=10, cost=9),
        make_campaign(make_agency(), planned_reach=500),
        make_campaign(make_agency(), reach=70_000, cost=5),
    ]
    services.record_campaigns(operator, rows)
    year = queries.overview(coordinator, date(2025, 12, 1))
    assert (year.campaigns, year.planned, year.reached, year.compared) == (3, 1000, 1500, 1)
    assert (year.cost_planned, year.cost, year.cost_compared) == (10, 9, 1)
    assert {line.share for line in year.lines} == {150, None}


@pytest.mark.db
def test_the_reach_is_the_sum_over_used_channels(operator: Any, make_agency: Any) -> None:
    [row] = services.record_campaigns(operator, [make_campaign(make_agency(), channels=["radio"])])
    row = services.change_campaign(
        operator, row, {"channels": ["radio", "event"], "reach_by_channel": {"radio": 900, "event": 40}}
    )
    assert Campaign.objects.get().reach == 940
    with pytest.raises(BadInput):
        services.change_campaign(operator, row, {"reach_by_channel": {"television": 5}})
    with pytest.raises(BadInput):
        services.change_campaign(operator, row, {"ends_on": FIRST - timedelta(days=1)})
    assert Campaign.objects.get().reach_by_channel == {"radio": 900, "event": 40}


@pytest.mark.db
def test_only_a_planned_campaign_can_be_removed(operator: Any, make_agency: Any) -> None:
    future = timezone.localdate() + timedelta(days=3)
    begun, plan = services.record_campaigns(
        operator, [make_campaign(make_agency()), make_campaign(make_agency(), starts_on=future, ends_on=None)]
    )
    with pytest.raises(BadInput):
        services.remove_campaign(operator, begun)
    services.remove_campaign(operator, plan)
    assert list(Campaign.objects.all()) == [begun]


@pytest.mark.db
def test_another_agencys_campaign_is_not_changed(operator: Any, make_agency: Any, coordinator: Any) -> None:
    [row] = services.record_campaigns(operator, [make_campaign(make_agency("elsewhere", "ngo"))])
    assert row in queries.list_campaigns(coordinator)
    assert not authorization.allows(coordinator, "campaigns.change", row)
    with pytest.raises(authorization.Denied):
        services.change_campaign(coordinator, row, {"cost": 1})


@pytest.mark.parametrize("language", ["kk", "ru", pytest.param("en", marks=pytest.mark.db)])
def test_a_campaign_is_planned_and_reported_through_the_pages(
    language: str, make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    client = sign_in(make_user("coordinator", agency=make_agency("ministry", "social_protection")))
    last_year = str(timezone.localdate().year - 1)  # the first page shows no older campaigns
    data: dict[str, Any] = {
        "title_kk": "Тақырып",
        "title_ru": "Тема",
        "title_en": "Theme",
        "audience": "migrants",
        "starts_on_day": "21",
        "starts_on_month": "7",
        "starts_on_year": last_year,
        "channels": ["radio", "event"],
        "languages": ["kk", "uz"],
        "materials": ["poster"],
        "planned_reach": "1000",
        "planned_cost": "50000",
    }
    with translation.override(language):
        assert client.post(reverse("awareness:new"), data).status_code == 302
        row = Campaign.objects.get()
        address = reverse("awareness:campaign", args=[row.pk])
        assert client.get(address).status_code == 200
        assert client.post(address, data | {"reach_television": "5"}).status_code == 200
        assert client.post(address, data | {"reach_radio": "1200", "cost": "40000"}).status_code == 302
        page = client.get(reverse("awareness:list"), {"year": last_year}).content.decode()
        desk = client.get(reverse("desk:home")).content.decode()
    row.refresh_from_db()
    assert (row.reach, row.cost, row.languages) == (1200, 40000, ["kk", "uz"])
    for text in (page, desk):
        assert row.titles["en"] in text or row.titles["ru"] in text or row.titles["kk"] in text
        assert "120" in text


@pytest.mark.db
def test_a_contact_is_recorded_in_codes_and_leads_to_a_signal(make_user: Any, sign_in: Any, make_agency: Any) -> None:
    client = sign_in(make_user("first_responder", agency=make_agency("hotline", "hotline")))
    address = reverse("awareness:contacts")
    assert client.get(address).status_code == 200
    data = {"channel": "phone", "topic": "work_abroad", "outcome": "advice", "caller": "victim", "language": "kk"}
    assert client.post(address, data)["Location"] == address
    assert client.post(address, data | {"topic": "trafficking"})["Location"] == reverse("intake:new-signal")
    assert client.post(address, {"channel": "phone"}).status_code == 200
    assert HotlineContact.objects.count() == 2
    columns = HotlineContact._meta.concrete_fields
    assert not any(column.get_internal_type() == "TextField" for column in columns)


@pytest.mark.db
def test_the_snapshot_of_campaigns_keeps_its_columns(operator: Any, make_agency: Any) -> None:
    from kerege.casework.exchange.snapshots.freeze import rows
    from kerege.vocabulary.snapshot_columns import columns

    services.record_campaigns(
        operator, [make_campaign(make_agency(), channels=["radio"], reach_by_channel={"radio": 5})]
    )
    [row] = rows("campaigns", date(2025, 12, 31))
    assert set(row) == {column.name for column in columns("campaigns")} | {"record_id"}
    assert row["channel"] == ["radio"]


def test_the_list_runs_the_same_number_of_queries_for_more_campaigns(
    operator: Any, make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = sign_in(make_user("coordinator"))
    counted = []
    client.get(reverse("awareness:list"))
    for number in (2, 15):
        services.record_campaigns(operator, [make_campaign(make_agency()) for _ in range(number)])
        with CaptureQueriesContext(connection) as queries_run:
            assert client.get(reverse("awareness:list")).status_code == 200
        counted.append(len(queries_run))
    assert counted[0] == counted[1]


@pytest.mark.db
def test_programme_roles_read_all_campaigns_and_only_the_owner_changes_them(
    operator: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    values = {"languages": ["kk", "ru"], "materials": ["leaflet"], "channels": ["radio", "outdoor"]}
    row = make_campaign(
        make_agency("elsewhere", "ngo"), reach=700, planned_reach=1000, reach_by_channel={"radio": 700}, **values
    )
    services.record_campaigns(operator, [row])
    with translation.override("en"):
        address, change = (reverse(f"awareness:{name}", args=[row.pk]) for name in ("read", "campaign"))
        listing = reverse("awareness:list")
    for role in ("coordinator", "analyst", "publisher"):
        client = sign_in(make_user(role, agency=make_agency("ministry", "social_protection")))
        assert f'href="{address}"' in client.get(listing).content.decode()
        page = client.get(address).content.decode()
        for word in ("Theme", "Kazakh", "Russian", *(codes.label("campaign_material", "leaflet", "en"),)):
            assert word in page, (role, word)
        assert [(codes.label("campaign_channel", name, "en") in page) for name in values["channels"]] == [True, True]
        assert "700" in page
        assert change not in page
    own = sign_in(make_user("supervisor", agency=row.agency))
    assert change in own.get(address).content.decode()
