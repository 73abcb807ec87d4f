"""Meaning of an import: same persons, sums, contradictions, and what stays distinct."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.provision import Service
from kerege.casework.cases.models.case import Case, Decision, Note
from kerege.casework.cases.services.lifecycle import move
from kerege.casework.exchange.file_import import import_file
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion
from kerege.casework.vault.queries import identities as vault
from kerege.core import audit
from kerege.core.accounts.models import Agency
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Denied
from tests.casework.exchange.records import FULL, OPERATOR, bring_in, write_csv

pytestmark = pytest.mark.django_db

BASIC = {"prs_Id": "p1", "cas_Id": "c1", "prs_FirstName": "Айгүл", "vic_TypeOfExploitation": "ForcedLabour"}


def faults(folder: Path, *rows: dict[str, str]) -> list[str]:
    before = AuditEvent.objects.filter(outcome="done").count()
    with pytest.raises(BadInput) as caught:
        bring_in(folder, *rows)
    assert AuditEvent.objects.filter(outcome="done").count() == before
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.db
def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    rows = [
        FULL,
        BASIC,
        {"prs_Gender": "Feminine"},
        {"prs_Gender": "Feminine"},
        {"prs_Id": "p1", "prs_Gender": "Feminine"},
    ]
    first = bring_in(tmp_path, *rows)
    assert (first.persons_new, first.cases_new, first.rows) == (4, 5, 5)
    counts = [model.objects.count() for model in (IdentityVersion, Case, Service, Decision, Note)]
    again = bring_in(tmp_path, *rows)
    assert again.unchanged
    assert (again.persons_known, again.cases_known, again.rows_unchanged) == (4, 5, 5)
    assert [model.objects.count() for model in (IdentityVersion, Case, Service, Decision, Note)] == counts


def test_same_person_id_at_two_agencies_is_two_records(tmp_path: Path) -> None:
    bring_in(tmp_path, BASIC | {"org_Name": "A"}, BASIC | {"org_Name": "B"})
    assert IdentityRecord.objects.count() == 2


def test_rows_of_one_case_add_services_and_values(tmp_path: Path) -> None:
    one = BASIC | {"svc_Type": "shelter", "svc_Payer": "iom", "svc_StartDate": "2024-01-05"}
    two = {"prs_Id": "p1", "cas_Id": "c1", "svc_Type": "medical_care", "svc_StartDate": "01.02.2024"}
    three = {"prs_Id": "p1", "cas_Id": "c1", "vic_TypeOfExploitation": "ForcedBegging", "cco_CaseComment": "a; b"}
    summary = bring_in(tmp_path, one, two, three)
    case = Case.objects.get()
    assert (summary.services, summary.comments) == (2, 1)
    assert case.exploitations.get().forms == ["forced_labour", "begging"]
    assert case.registered_on.isoformat() == "2024-01-05"
    assert set(case.services.values_list("kind", "payer")) == {("shelter", "iom"), ("medical_care", "")}


def test_a_later_file_adds_to_a_known_case(tmp_path: Path) -> None:
    bring_in(tmp_path, BASIC)
    later = {"prs_Id": "p1", "cas_Id": "c1", "svc_Type": "shelter", "svc_StartDate": "2024-03-01"}
    more = {"prs_Id": "p1", "cas_Id": "c1", "prs_SecondName": "Сәрсенова", "vic_MethodsOfControl": "DebtBondage"}
    summary = bring_in(tmp_path, later, more | {"vic_AgeWhenTrafficked": "19", "cas_CaseOwner": "D. O."})
    assert (summary.cases_changed, summary.cases_new, summary.services) == (1, 0, 1)
    case = Case.objects.get()
    assert case.exploitations.get().means_of_control == ["debt_bondage"]
    with audit.act(OPERATOR, "exchange.preview"):
        identity = vault.read(OPERATOR, case.record)
    assert identity["names"] == [{"kind": "main", "given": "Айгүл", "family": "Сәрсенова"}]
    assert bring_in(tmp_path, later, more).unchanged


def test_a_later_file_tells_that_a_service_is_completed(tmp_path: Path) -> None:
    service = {"svc_Type": "shelter", "svc_StartDate": "2024-03-01"}
    bring_in(tmp_path, BASIC | service)
    summary = bring_in(tmp_path, BASIC | service | {"svc_EndDate": "2024-05-01"})
    row = Service.objects.get()
    assert (summary.cases_changed, row.status, str(row.ended_on)) == (1, "completed", "2024-05-01")


def test_an_old_file_does_not_undo_what_happened_since(tmp_path: Path) -> None:
    row = BASIC | {"svc_Type": "shelter", "svc_StartDate": "2024-03-01", "cas_RegistrationDate": "2024-03-01"}
    bring_in(tmp_path, row)
    case = Case.objects.get()
    move(OPERATOR, case, "ended", case.registered_on, "completed")
    Service.objects.update(status="completed", ended_on="2024-06-01")
    assert bring_in(tmp_path, row).unchanged


def test_contradictions_within_a_file_are_errors(tmp_path: Path) -> None:
    sentences = faults(tmp_path, BASIC, BASIC | {"prs_FirstName": "Сәуле"}, BASIC | {"prs_Id": "p2"})
    assert "row 3, column prs_FirstName: says something else than an earlier row of the same person" in sentences[0]
    assert "row 4, column cas_Id: this case belongs to another person in row 2" in sentences[1]
    assert "Сәуле" not in "".join(sentences)
    assert Case.objects.count() == 0


def test_contradictions_with_the_register_are_errors(tmp_path: Path) -> None:
    bring_in(tmp_path, BASIC | {"prs_Birthdate": "1990"})
    sentences = faults(tmp_path, BASIC | {"prs_Birthdate": "1991"})
    assert len(sentences) == 1
    assert sentences[0].startswith(
        "records.csv: row 2, column prs_Birthdate: contradicts what the register holds, correct"
    )
    assert "199" not in sentences[0]


def test_all_faults_are_said_and_nothing_is_written(tmp_path: Path) -> None:
    bad = BASIC | {"cas_Id": "c2", "prs_Gender": "X", "svc_StartDate": "soon", "svc_Type": "shelter"}
    sentences = faults(tmp_path, BASIC, bad, BASIC | {"cas_Id": "c3", "svc_Payer": "iom"})
    assert any("row 3, column prs_Gender: 'X' is not one of its codes" in line for line in sentences)
    assert any("row 3, column svc_StartDate: is not a date" in line for line in sentences)
    assert any("row 4, column svc_Type: a service without its kind" in line for line in sentences)
    assert Case.objects.count() == Agency.objects.count() == 0


def test_very_many_faults_end_with_how_many_more(tmp_path: Path) -> None:
    sentences = faults(tmp_path, *({"prs_Gender": f"bad{n}"} for n in range(230)))
    assert len(sentences) == 201
    assert "and 30 more" in sentences[-1]


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    dry = bring_in(tmp_path, FULL, BASIC, dry_run=True)
    assert Case.objects.count() == Agency.objects.count() == 0
    wet = bring_in(tmp_path, FULL, BASIC)
    assert {**vars(dry), "dry_run": False} == vars(wet)


def test_one_audit_event_a_batch_with_a_digest_a_record(tmp_path: Path) -> None:
    before = AuditEvent.objects.count()
    bring_in(tmp_path, FULL, BASIC)
    event = AuditEvent.objects.latest("seq")
    assert AuditEvent.objects.count() == before + 1
    registered = next(act for act in event.details["acts"] if act["action"] == "cases.register")
    assert len(registered["digests"]) == 2
    assert "Айгүл" not in str(event.details)
    assert audit.verify().ok


def test_only_the_operator_imports(tmp_path: Path, make_actor: Callable[..., object]) -> None:
    path = write_csv(tmp_path / "a.csv", [BASIC])
    with pytest.raises(Denied):
        import_file(make_actor("supervisor"), path)  # type: ignore[arg-type]


def test_unknown_not_asked_refused_no_and_blank_stay_distinct(tmp_path: Path) -> None:
    states = {"Unknown": "unknown", "NotAsked": "not_asked", "Refused": "refused", "No": "no", "": ""}
    rows = [
        {"cas_Id": name or "blank", "vic_RelationshipToTrafficker": name, "prs_Gender": name, "prs_Title": "x"}
        for name in states
    ]
    rows = [row | {"vic_AgeWhenTrafficked": "20"} for row in rows]
    bring_in(tmp_path, *rows)
    stored = set(Case.objects.values_list("gender", "exploitations__recruiter_relation"))
    assert stored == {(code, code) for code in states.values()}


@pytest.mark.parametrize(
    ("status", "decider", "social", "police"),
    [
        ("ActualVictimOfTrafficking", "Police", "presumed", "identified"),
        ("ActualVictimOfTrafficking", "NGO", "identified", ""),
        ("NotAVictimOfTrafficking", "", "not_identified", ""),
        ("PossibleVictimOfTrafficking", "Police", "presumed", ""),
    ],
)
def test_a_status_beyond_possible_is_a_decision(
    tmp_path: Path, status: str, decider: str, social: str, police: str
) -> None:
    row = {"vic_TraffickingStatus": status, "vic_TraffickingStatusDecisionMakingOrg": decider}
    summary = bring_in(tmp_path, BASIC | row)
    case = Case.objects.get()
    assert (case.social_status, case.police_status) == (social, police)
    assert summary.decisions == Decision.objects.count() == (0 if "Possible" in status else 1)


def test_agencies_are_found_in_any_language_else_made(tmp_path: Path, make_agency: Callable[..., Agency]) -> None:
    known = make_agency("centre")
    rows = [
        {"cas_Id": "1", "org_Name": name, "org_Type": "HealthServiceOrganisation", "prs_Title": "x"}
        for name in ("centre ru", "CENTRE KK", "centre", "Аурухана")
    ]
    summary = bring_in(
        tmp_path, *({**row, "cas_Id": str(n), "vic_TraffickingStatus": "Unknown"} for n, row in enumerate(rows))
    )
    assert summary.agencies_new == ["Аурухана"]
    assert Case.objects.filter(agency=known).count() == 3
    assert Agency.objects.get(names__kk="Аурухана").kind == "health"


def test_an_agency_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no agency has the code nowhere"):
        bring_in(tmp_path, BASIC, agency_code="nowhere")


def test_a_referred_person_was_not_detected_independently(tmp_path: Path) -> None:
    bring_in(tmp_path, BASIC, BASIC | {"prs_Id": "p2", "cas_Id": "c2", "cas_ReferringOrganisation": "Police"})
    assert list(Case.objects.order_by("reference").values_list("route", "detected_independently")) == [
        ("", True),
        ("agency", False),
    ]


def test_a_perpetrator_is_not_registered_as_a_victim(tmp_path: Path) -> None:
    sentences = faults(tmp_path, {"prs_Id": "x", "prs_FirstName": "N", "per_RoleInProcess": "Exploiter"})
    assert "describes a perpetrator and nothing of a victim" in sentences[0]


def test_a_map_renames_values(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        '[columns]\n"Пол" = "prs_Gender"\n"Гр" = "prs_Citizenship"\n'
        '[values.prs_Gender]\n"ж" = "Feminine"\n[values.prs_Citizenship]\n"узб" = "UZ"\n',
        encoding="utf-8",
    )
    bring_in(tmp_path, {"Пол": "Ж", "Гр": "узб;KZ", "prs_Id": "1"}, map_path=tmp_path / "m.toml")
    case = Case.objects.get()
    assert (case.gender, case.citizenships) == ("feminine", ["UZ", "KZ"])


def test_a_case_that_only_ended_long_ago_was_not_registered_today(tmp_path: Path) -> None:
    bring_in(tmp_path, BASIC | {"cas_Status": "ClosedReferred", "cas_EndDate": "2019-05-01"})
    case = Case.objects.get()
    assert (str(case.registered_on), str(case.closed_on), case.closure_reason) == (
        "2019-05-01",
        "2019-05-01",
        "transferred",
    )
