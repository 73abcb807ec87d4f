"""A snapshot has a row a person, as the register was known on a day, and nothing that names anybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.casework.cases.models.case import Case
from kerege.casework.exchange.snapshots import freeze
from kerege.casework.exchange.snapshots.rights_columns import SEVERAL, SINGLE
from kerege.casework.justice.models import CaseLink, Crime, Suspect
from kerege.casework.vault.models.identities import Membership
from kerege.casework.vault.services.identities import link
from kerege.core.accounts.models import Installation
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Denied
from kerege.evidence.data import snapshot
from kerege.evidence.data.person_numbers import PERSON_IDS, PERSON_NUMBERS
from kerege.vocabulary.pack import active_pack
from tests.casework.exchange.records import FULL, OPERATOR, bring_in

pytestmark = pytest.mark.django_db

TODAY = date(2025, 12, 31)
SHELTER = {"svc_Type": "shelter", "svc_Payer": "iom"}


def victims(as_of: date = TODAY) -> list[dict[str, Any]]:
    return sorted(freeze.rows("victims", as_of), key=lambda row: (row["quarter"], row["assisted"]))


def person(number: int, **values: str) -> dict[str, str]:
    return {"prs_Id": f"p{number}", "cas_Id": f"c{number}", "cas_RegistrationDate": "2020-02-01"} | values


def test_a_person_known_to_two_agencies_is_one_row_once_linked(tmp_path: Path) -> None:
    first = person(1, org_Name="A", prs_Gender="Feminine", **SHELTER, svc_StartDate="2021-05-01")
    second = person(1, org_Name="B", prs_Gender="Masculine", vic_TypeOfExploitation="ForcedLabour")
    bring_in(tmp_path, first, second)
    assert len(victims()) == 2
    keep, other = Membership.objects.order_by("record__agency__code")
    link(OPERATOR, other.record, keep.person)
    (row,) = victims()
    assert (row["sex"], row["year"], row["quarter"]) == ("female", "2021", "2021-Q2")
    assert row["exploitation_forms"] == ["forced_labour"]


def test_a_snapshot_states_the_pack_in_use(tmp_path: Path) -> None:
    bring_in(tmp_path, person(1))
    freeze.write(OPERATOR, "victims", tmp_path / "victims.parquet", TODAY)
    stamp = snapshot.read(tmp_path / "victims.parquet").pack
    assert stamp is not None
    assert stamp.tree == active_pack().stamp


def test_programme_and_year_come_from_the_first_started_service(tmp_path: Path) -> None:
    rows = [
        person(1, svc_Type="legal_aid", svc_Payer="state", svc_StartDate="2019-11-30"),
        person(1, svc_Type="shelter", svc_Payer="iom", svc_StartDate="2018-01-05"),
        person(1, svc_Type="education", svc_Payer="state", svc_RequestDate="2017-01-05"),
        person(2, svc_Type="shelter", svc_Payer="other", svc_StartDate="2020-03-01"),
        person(3),
    ]
    bring_in(tmp_path, *rows)
    services = [(r["year"], r["programme"], r["assisted"], r["services"]) for r in victims()]
    assert services == [
        ("2018", "iom", "yes", ["legal_aid:state", "shelter:iom"]),
        ("2020", None, "no", None),
        ("2020", None, "yes", ["shelter:other"]),
    ]


def test_what_happened_after_the_day_is_not_known_yet(tmp_path: Path) -> None:
    row = person(
        1, cas_Status="Closed", cas_ClosureReason="completed", cas_EndDate="2021-01-01", cas_ClosureDate="2022-01-01"
    )
    bring_in(
        tmp_path,
        row
        | SHELTER
        | {"svc_StartDate": "2020-06-01", "dec_Status": "ActualVictimOfTrafficking", "dec_Date": "2020-09-01"},
    )
    assert victims(date(2020, 1, 31)) == []
    rows = [
        (row["assisted"], row["social_status"], row["case_status"], row["closure_reason"])
        for day in (date(2020, 3, 1), date(2020, 12, 31), date(2021, 6, 1), TODAY)
        for row in victims(day)
    ]
    assert rows == [
        ("no", "presumed", "open", None),
        ("yes", "identified", "open", None),
        ("yes", "identified", "ended", "completed"),
        ("yes", "identified", "closed", "completed"),
    ]


def test_null_is_not_reported_and_answer_states_keep_their_codes(tmp_path: Path) -> None:
    bring_in(
        tmp_path, person(1, vic_TypeOfExploitation="Unknown", vic_MethodsOfControl="NotAsked", prs_Gender="Refused")
    )
    (row,) = victims()
    assert (row["exploitation"], row["exploitation_form"], row["exploitation_forms"]) == (
        "unknown",
        "unknown",
        ["unknown"],
    )
    assert (row["means_of_control"], row["sex"], row["destination"], row["act"]) == (
        ["not_asked"],
        "refused",
        None,
        None,
    )


def test_only_independent_first_detections_are_lists_for_estimation(
    tmp_path: Path, make_agency: Callable[..., Any]
) -> None:
    names = [make_agency(kind, kind).names["en"] for kind in ("ngo", "internal_affairs")]
    rows = [person(1, org_Name=names[0]), person(1, org_Name=names[1], cas_ReferringOrganisation="NGO")]
    bring_in(tmp_path, *rows)
    keep, other = Membership.objects.order_by("record__agency__code")
    link(OPERATOR, other.record, keep.person)
    assert victims()[0]["detected_by"] == ["ngo"]
    assert Case.objects.filter(detected_independently=True).count() == 1


def test_services_are_rows_of_their_own(tmp_path: Path) -> None:
    rows = [
        person(
            1,
            prs_Gender="Feminine",
            prs_Birthdate="2010",
            **SHELTER,
            svc_StartDate="2021-05-01",
            svc_EndDate="2023-01-01",
            svc_Provider="Home",
            svc_ProviderKind="crisis_centre",
        ),
        person(1, svc_Type="interpretation", svc_RequestDate="2021-07-01"),
    ]
    bring_in(tmp_path, *rows)
    services = sorted(freeze.rows("services", date(2022, 1, 1)), key=lambda row: str(row["service"]), reverse=True)
    expected = {
        "year": "2021",
        "quarter": "2021-Q2",
        "programme_kind": "shelter",
        "payer": "iom",
        "provider_kind": "crisis_centre",
    }
    assert expected.items() <= services[0].items()
    assert (services[0]["service_status"], services[0]["sex"], services[0]["age_group"]) == (
        "ongoing",
        "female",
        "child",
    )
    assert (services[1]["programme_kind"], services[1]["service_status"], services[1]["payer"]) == (
        None,
        "requested",
        None,
    )


def test_crimes_suspects_contacts_and_campaigns(make_agency: Callable[..., Any]) -> None:
    agency, now = make_agency(), "2025-03-01T12:00:00+05:00"
    crime = Crime.objects.create(
        agency=agency,
        source="mia",
        offence="kz128",
        registered_on=date(2025, 3, 1),
        stage="convicted",
        stage_on=date(2025, 11, 1),
        created_at=now,
        region="35",
    )
    Suspect.objects.create(
        crime=crime, sex="male", roles=["recruiter", "exploiter"], organised_group="yes", stage="in_court"
    )
    HotlineContact.objects.create(agency=agency, at="2025-06-30T20:30:00+00:00", channel="", caller="relative")
    Campaign.objects.create(agency=agency, titles={"en": "x"}, starts_on=date(2025, 7, 1), channels=["radio"])
    (row,) = freeze.rows("crimes", date(2025, 6, 1))
    assert (row["half"], row["crime_stage"], row["offence"]) == ("2025-H1", "registered", "kz128")
    assert freeze.rows("suspects", TODAY)[0]["suspect_role"] == ["recruiter", "exploiter"]
    # half past one in the night of 1 July in Almaty
    assert freeze.rows("contacts", TODAY)[0]["quarter"] == "2025-Q3"
    assert freeze.rows("campaigns", date(2025, 6, 30)) == []
    assert freeze.rows("campaigns", TODAY)[0]["channel"] == ["radio"]


def test_services_and_crimes_say_which_rows_concern_the_same_person(
    tmp_path: Path, make_agency: Callable[..., Any]
) -> None:
    first = person(1, org_Name="A", svc_Type="shelter", svc_StartDate="2021-05-01")
    second = person(1, org_Name="B", svc_Type="legal_aid", svc_Payer="iom", svc_StartDate="2021-06-01")
    other = person(2, org_Name="B", svc_Type="legal_aid", svc_StartDate="2021-06-01")
    bring_in(tmp_path, first, second, other)
    shelter = Case.objects.get(services__kind="shelter")
    same = Case.objects.get(services__payer="iom")
    link(OPERATOR, same.record, Membership.objects.get(record=shelter.record).person)
    days = {"registered_on": date(2025, 3, 1), "created_at": "2025-03-01T12:00:00+05:00"}
    crime = Crime.objects.create(agency=make_agency(), source="mia", offence="kz128", **days)
    CaseLink.objects.create(crime=crime, case=shelter)
    assert freeze.write(OPERATOR, "services", tmp_path / "s.parquet", TODAY) == 3
    read = snapshot.read(tmp_path / "s.parquet")
    by_kind = read.frame.group_by("service").agg(pl.col(PERSON_NUMBERS).explode().sort())
    numbers = dict(by_kind.iter_rows())
    assert numbers["shelter"][0] in numbers["legal_aid"]
    assert len(set(numbers["legal_aid"])) == 2
    assert PERSON_NUMBERS not in read.columns
    assert freeze.rows("crimes", TODAY)[0][PERSON_IDS] == [str(Membership.objects.get(record=shelter.record).person_id)]


def test_the_number_of_queries_does_not_grow_with_the_register(
    tmp_path: Path, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    bring_in(tmp_path, *(person(n, **SHELTER, svc_StartDate="2021-01-01") for n in range(40)))
    with django_assert_max_num_queries(6 + len(SINGLE) + len(SEVERAL)):  # one for each column of rights
        assert len(victims()) == 40


@pytest.mark.db
def test_a_written_snapshot_is_coded_audited_and_says_whether_it_is_invented(tmp_path: Path) -> None:
    Installation.mark(demo=True)
    bring_in(tmp_path, FULL)
    path = tmp_path / "v.parquet"
    assert freeze.write(OPERATOR, "victims", path, TODAY) == 1
    read = snapshot.read(path)
    assert (read.unit, str(read.as_of), read.invented) == ("victims", "2025-12-31", True)
    raw = path.read_bytes()
    assert not any(
        value.encode() in raw
        for name, value in FULL.items()
        if name.startswith("prs_") and len(value) > 5 and not value.isascii()
    )
    event = AuditEvent.objects.latest("seq")
    assert (event.action, event.details["rows"]) == ("exchange.snapshot", 1)


def test_the_same_person_has_the_same_record_key_in_every_snapshot(tmp_path: Path) -> None:
    bring_in(tmp_path, FULL)
    for name in ("a", "b"):
        freeze.write(OPERATOR, "victims", tmp_path / f"{name}.parquet", TODAY)
    keys = [snapshot.read(tmp_path / f"{name}.parquet").frame["record_key"].to_list() for name in ("a", "b")]
    assert keys[0] == keys[1]


def test_a_caseworker_makes_no_snapshot_and_an_analyst_does(tmp_path: Path, make_actor: Callable[..., Any]) -> None:
    with pytest.raises(Denied):
        freeze.write(make_actor("caseworker"), "victims", tmp_path / "no.parquet")
    assert not (tmp_path / "no.parquet").exists()
    assert freeze.write(make_actor("analyst"), "victims", tmp_path / "yes.parquet") == 0


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(BadInput, match="there is no unit 'ghosts'"):
        freeze.rows("ghosts", TODAY)
