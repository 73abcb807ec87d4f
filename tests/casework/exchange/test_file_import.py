"""A file of another system is imported whole, a second time without any change, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case, Exploitation
from kerege.casework.exchange.file_import import import_file
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion
from tests.casework.exchange.formats.form_exports import (
    BOTH,
    LABELS,
    NAMES,
    SECOND,
    SUBMISSIONS,
    SUMMARY,
    table_of,
    write_csv,
    write_workbook,
)
from tests.casework.exchange.formats.workbooks import PEOPLE, iom_workbook
from tests.casework.exchange.records import OPERATOR

pytestmark = pytest.mark.django_db


def counts() -> list[int]:
    return [model.objects.count() for model in (IdentityRecord, IdentityVersion, Case)]


def test_a_workbook_of_the_standard_is_imported_once(tmp_path: Path) -> None:
    path = iom_workbook(tmp_path / "a.xlsm")
    trial = import_file(OPERATOR, path, dry_run=True)
    assert (trial.rows, trial.cases_new, counts()) == (2, 2, [0, 0, 0])
    assert import_file(OPERATOR, path).cases_new == 2
    before = counts()
    assert import_file(OPERATOR, path).unchanged
    assert counts() == before == [2, 2, 2]
    labour = Exploitation.objects.get(forms=["forced_labour"])
    assert labour.labour_sections == ["E", "P"]
    assert labour.recruitment_methods == ["at_work", "through_online_social_networks"]
    assert labour.means_of_control == ["debt_bondage", "threatens_children_family"]


def test_a_workbook_with_one_fault_changes_nothing(tmp_path: Path) -> None:
    people = [*PEOPLE, {"First Name": "C", "Citizenship": "Atlantis"}]
    with pytest.raises(BadInput, match="row 5, column Citizenship: 'Atlantis' is not one of its codes"):
        import_file(OPERATOR, iom_workbook(tmp_path / "a.xlsx", people))
    assert counts() == [0, 0, 0]


def test_an_export_of_a_form_is_imported_once_in_any_setting(tmp_path: Path) -> None:
    import_file(OPERATOR, write_csv(tmp_path / "a.csv", table_of(NAMES, SUMMARY)))
    before = counts()
    assert import_file(OPERATOR, write_workbook(tmp_path / "a.xlsx", table_of(LABELS, BOTH))).unchanged
    assert counts() == before == [2, 2, 2]


def test_an_export_of_a_form_that_was_changed_in_between_adds_only_what_is_new(tmp_path: Path) -> None:
    import_file(OPERATOR, write_csv(tmp_path / "a.csv", table_of(NAMES, SUMMARY)))
    table = table_of(NAMES, SUMMARY, [*SUBMISSIONS, SECOND | {"_uuid": "3", "prs_First_Name": "Third"}])
    gone = table[0].index("prs_MailingState")
    changed = [[cell for place, cell in enumerate(row) if place != gone] for row in table]
    changed[0].insert(0, "cas_CaseOwner")
    for row in changed[1:]:
        row.insert(0, "D. Omarova")
    summary = import_file(OPERATOR, write_csv(tmp_path / "b.csv", changed))
    assert (summary.cases_new, summary.cases_known, summary.cases_changed) == (1, 2, 2)
