"""Rights in a snapshot: what was recorded until the day, one code for each person, and never a *no*."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.exchange.snapshots import freeze
from kerege.casework.exchange.snapshots.rights_columns import SEVERAL, SINGLE
from kerege.casework.justice.models import CaseLink, Compensation, Crime, ProtectionMeasure
from kerege.casework.rights.models import Complaint, Guardian, LegalAid, Penalised, Reflection, RightsTold, StayStep
from kerege.casework.vault.models.identities import Membership
from kerege.casework.vault.services.identities import link
from kerege.core.accounts.models import Agency
from kerege.evidence.counting.frequency_table import SUPPRESSED, tabulate
from kerege.evidence.counting.row_filter import check_columns
from kerege.evidence.data import snapshot
from kerege.evidence.sdc.suppression.complementary import suppress
from tests.casework.exchange.records import OPERATOR, bring_in

pytestmark = pytest.mark.django_db
FIRST, TODAY = date(2025, 3, 1), date(2025, 12, 31)
BY = {"recorded_at": timezone.now(), "created_by": "x"}


def at(days: int) -> date:
    return FIRST + timedelta(days=days)


def cases(folder: Path, number: int) -> list[Case]:
    """Return cases of as many persons."""
    rows = [{"prs_Id": f"p{n}", "cas_Id": f"c{n}", "cas_RegistrationDate": FIRST.isoformat()} for n in range(number)]
    bring_in(folder, *rows)
    return list(Case.objects.order_by("reference"))


def columns(as_of: date = TODAY) -> list[dict[str, Any]]:
    return [{name: row[name] for name in (*SINGLE, *SEVERAL)} for row in freeze.rows("victims", as_of)]


def aid(case: Case, asked: int, **values: Any) -> LegalAid:
    return LegalAid.objects.create(case=case, asked_on=at(asked), **{"matter": "wages"} | values, **BY)


def test_a_person_without_records_has_no_right_denied_and_an_adult_no_guardian(tmp_path: Path) -> None:
    cases(tmp_path, 1)
    [row] = columns()
    assert {row[name] for name in SINGLE if name != "guardian"} == {"not_recorded"}
    assert [row[name] for name in (*SEVERAL, "guardian")] == [None] * 4


@pytest.mark.parametrize(
    ("day", "state", "matters"),
    [(9, "not_recorded", None), (10, "waiting", None), (19, "waiting", None), (20, "granted", ["wages"])],
)
def test_legal_aid_has_the_state_of_the_day(tmp_path: Path, day: int, state: str, matters: object) -> None:
    [case] = cases(tmp_path, 1)
    aid(case, 10, granted_on=at(20))
    [row] = columns(at(day))
    assert (row["legal_aid"], row["legal_matter"]) == (state, matters)


def test_a_granted_request_counts_before_a_refused_one_also_in_another_case_of_the_person(tmp_path: Path) -> None:
    first, second = cases(tmp_path, 2)
    aid(first, 1, refused_on=at(2))
    aid(second, 1, granted_on=at(2))
    link(OPERATOR, second.record, Membership.objects.get(record=first.record).person)
    [row] = columns()
    assert row["legal_aid"] == "granted"


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        (["host_notice", "insurance"], "not_recorded"),
        (["application"], "waiting"),
        (["application", "refusal"], "declined"),
        (["application", "refusal", "appeal"], "waiting"),
        (["application", "refusal", "appeal", "permit"], "granted"),
    ],
)
def test_the_newest_step_decides_on_the_permit(tmp_path: Path, steps: list[str], state: str) -> None:
    [case] = cases(tmp_path, 1)
    for day, kind in enumerate(steps):
        StayStep.objects.create(case=case, kind=kind, done_on=at(day), **BY)
    assert columns()[0]["residence_permit"] == state


def test_charges_and_complaints_keep_their_outcomes_as_of_the_day(tmp_path: Path) -> None:
    [case] = cases(tmp_path, 1)
    Penalised.objects.create(case=case, act="theft", since_on=at(1), outcome="discontinued", outcome_on=at(30), **BY)
    Penalised.objects.create(case=case, act="drugs", since_on=at(1), **BY)
    sent = {"about": Agency.objects.first(), "subject": "help", "receiver": "ombudsman", "told_no_reprisal": "yes"}
    Complaint.objects.create(case=case, sent_on=at(1), answered_on=at(30), outcome="upheld", **sent, **BY)
    names = ("charge", "penalised_outcome", "complaint", "complaint_outcome")
    assert [columns(at(29))[0][name] for name in names] == ["recorded", ["open"], "recorded", None]
    assert [columns(at(30))[0][name] for name in names] == [
        "recorded",
        ["discontinued", "open"],
        "recorded",
        ["upheld"],
    ]


def test_rights_told_reflection_and_a_guardian_without_conflict_are_recorded(tmp_path: Path) -> None:
    cases(tmp_path, 1)
    Case.objects.update(age_band="0_8")
    case = Case.objects.get()
    RightsTold.objects.create(case=case, told_on=at(1), language="ru", manner="in_person", rights=["lawyer"], **BY)
    Reflection.objects.create(case=case, starts_on=at(1), ends_on=at(30), **BY)
    Guardian.objects.create(case=case, kind="relative", from_on=at(1), conflict="yes", conflict_ground="suspect", **BY)
    [row] = columns()
    assert [row[name] for name in ("rights_told", "reflection", "guardian")] == ["recorded", "recorded", "not_recorded"]
    Guardian.objects.create(case=case, kind="appointed", from_on=at(2), conflict="no", **BY)
    assert columns()[0]["guardian"] == "recorded"


@pytest.mark.parametrize(
    ("days", "state"),
    [({}, "waiting"), ({"refused_on": at(5)}, "declined"), ({"decided_on": at(5), "starts_on": at(6)}, "granted")],
)
def test_protection_and_the_fund_reach_the_person_through_the_link_to_the_crime(
    tmp_path: Path, days: dict[str, date], state: str
) -> None:
    case, other = cases(tmp_path, 2)
    crime = Crime.objects.create(
        agency=Agency.objects.first(), registered_on=FIRST, created_at=timezone.now(), source="mia", offence="kz128"
    )
    tie = CaseLink.objects.create(crime=crime, case=case)
    asked = {"person": "victim", "kind": "other", "requested_on": at(2)}
    ProtectionMeasure.objects.create(crime=crime, link=tie, **asked, **days)
    ProtectionMeasure.objects.create(crime=crime, **asked)  # of no known case
    fund = Compensation.objects.create(crime=crime, link=tie, source="fund")
    offender = Compensation.objects.create(crime=crime, link=tie, source="offender")
    for day, (claim, step) in enumerate([(fund, "asked"), (fund, "paid"), (offender, "rejected")]):
        claim.steps.create(state=step, on=at(day), recorded_at=timezone.now(), recorded_by="x")
    by_case = dict(
        zip(Membership.objects.order_by("person_id").values_list("record", flat=True), columns(), strict=True)
    )
    assert by_case[case.record_id]["protection"] == state
    assert by_case[case.record_id]["compensation_fund"] == "granted"
    assert by_case[other.record_id]["protection"] == by_case[other.record_id]["compensation_fund"] == "not_recorded"


def test_a_table_of_legal_aid_is_published_with_small_cells_suppressed(tmp_path: Path) -> None:
    for case in cases(tmp_path, 14)[:3]:
        aid(case, 1, refused_on=at(2))
    freeze.write(OPERATOR, "victims", tmp_path / "v.parquet", TODAY)
    taken = snapshot.read(tmp_path / "v.parquet")
    assert taken.version == 2
    table = tabulate(taken, ["legal_aid"])
    [values] = table.axes
    assert dict(zip(values, table.counts.tolist(), strict=True)) == {"_T": 14, "declined": 3, "not_recorded": 11}
    protected = suppress(table, threshold=10)
    assert protected.status[values.index("declined")] == SUPPRESSED


def test_an_earlier_snapshot_is_read_and_names_the_column_that_it_lacks() -> None:
    taken = snapshot.read(Path("tests/golden/inputs/victims.parquet"))
    assert taken.version == 1
    assert tabulate(taken, ["sex"]).counts[0] == taken.frame.height
    with pytest.raises(BadInput, match="legal_aid: is newer than this snapshot, take the snapshot again"):
        check_columns(taken, ["legal_aid"], {})
