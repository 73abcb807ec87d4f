"""Records that a system brings in belong to its agency."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.casework.cases.models.case import Case
from tests.casework.exchange.api.api_driver import RECORD

pytestmark = pytest.mark.django_db


def test_records_come_in_as_the_token_s_agency_s_own_once(caller: Any) -> None:
    system = caller()
    body = {"records": [RECORD | {"org_Name": "centre"}]}
    assert system.post("/records/?dry_run=true", body).json()["cases_new"] == 1
    assert not Case.objects.exists()
    assert system.post("/records/", body).json()["cases_new"] == 1
    again = system.post("/records/", body).json()
    assert (again["cases_new"], again["cases_known"], again["rows_unchanged"]) == (0, 1, 1)
    assert Case.objects.get().agency.code == "police"
    taken = system.get("/records/").content.decode()
    assert "ForcedLabour" in taken
    assert "Канарейкина" not in taken


def test_another_agency_s_records_are_neither_changed_nor_taken_out(caller: Any, make_agency: Any) -> None:
    caller().post("/records/", {"records": [RECORD]})
    other = caller(agency="ngo")
    assert other.get("/records/").json() == {"records": []}
    case = Case.objects.get()
    stolen = RECORD | {"cas_Id": f"kerege-{case.pk.hex}", "prs_Id": f"kerege-{case.record_id.hex}"}
    other.post("/records/", {"records": [stolen | {"vic_TypeOfExploitation": "ForcedBegging"}]})
    case.refresh_from_db()
    assert case.agency.code == "police"
    assert case.exploitations.get().forms == ["forced_labour"]


def test_a_case_that_was_handed_over_cannot_be_changed_by_its_first_agency(caller: Any, make_agency: Any) -> None:
    system = caller()
    system.post("/records/", {"records": [RECORD]})
    Case.objects.update(agency=make_agency("centre"))
    answer = system.post("/records/", {"records": [RECORD | {"cco_CaseComment": "x"}]})
    assert answer.status_code == 422
    assert "handed over" in answer.content.decode()


def test_what_is_wrong_is_told_by_row_and_column_and_nothing_is_written(caller: Any) -> None:
    bad = [RECORD, RECORD | {"cas_Id": "c-2", "prs_Id": "p-2", "prs_Birthdate": "2999-99-99", "nonsense": "x"}]
    answer = caller().post("/records/", {"records": bad})
    assert answer.status_code == 422
    assert {fault["row"] for fault in answer.json()["faults"]} == {2}
    assert "Канарейкина" not in answer.content.decode()
    assert not Case.objects.exists()


def test_records_do_not_make_agencies(caller: Any) -> None:
    answer = caller().post("/records/", {"records": [RECORD | {"svc_Kind": "shelter", "svc_Provider": "Nobody knows"}]})
    assert answer.status_code == 422, answer.content
