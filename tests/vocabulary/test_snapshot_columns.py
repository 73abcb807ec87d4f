"""Snapshot columns: exactly the declared ones, each from a code list, so that none can hold a name."""

from __future__ import annotations

import pytest

from kerege.vocabulary import codes, snapshot_columns
from kerege.vocabulary.languages import BUILT_IN

COLUMNS = [(unit, column) for unit in snapshot_columns.units() for column in snapshot_columns.columns(unit)]
PERIODS = {"year", "quarter", "half"}
EXPECTED = {
    "victims": "year quarter programme agency_kind region sex age_band age_group citizenship origin destination"
    " exploitation exploitation_form exploitation_forms labour_section sexual_kind act means means_of_control"
    " recruitment_method recruiter_relation platform social_status police_status case_status closure_reason assisted"
    " services service_kinds payers detected_by rights_told reflection legal_aid legal_matter residence_permit charge"
    " penalised_outcome complaint complaint_outcome guardian protection compensation_fund",
    "services": "year quarter service programme_kind payer provider_kind region service_status sex age_group"
    " citizenship",
    "crimes": "year half quarter offence source region crime_stage",
    "suspects": "year sex suspect_role organised_group crime_stage source",
    "contacts": "year quarter channel caller topic outcome region language",
    "campaigns": "year quarter audience region channel",
}


@pytest.mark.parametrize(("unit", "columns"), EXPECTED.items())
def test_a_snapshot_has_exactly_the_declared_columns(unit: str, columns: str) -> None:
    assert [column.name for column in snapshot_columns.columns(unit)] == columns.split()
    assert snapshot_columns.units() == tuple(EXPECTED)


@pytest.mark.parametrize(("unit", "column"), COLUMNS, ids=lambda part: getattr(part, "name", part))
def test_every_column_is_a_code_list_or_a_period_never_free_text(
    unit: str, column: snapshot_columns.SnapshotColumn
) -> None:
    assert set(column.list.split(":")) <= {*codes.names(), *PERIODS}


@pytest.mark.parametrize(("unit", "column"), COLUMNS, ids=lambda part: getattr(part, "name", part))
def test_every_column_has_a_title_in_every_language(unit: str, column: snapshot_columns.SnapshotColumn) -> None:
    assert all(column.title(language).strip() for language in BUILT_IN)


@pytest.mark.parametrize("unit", snapshot_columns.units())
def test_titles_within_a_unit_are_unique(unit: str) -> None:
    for language in BUILT_IN:
        titles = [column.title(language) for column in snapshot_columns.columns(unit)]
        assert len(set(titles)) == len(titles)


def test_multi_valued_columns_are_declared() -> None:
    several = "exploitation_forms labour_section sexual_kind act means means_of_control recruitment_method platform"
    several += " services service_kinds payers detected_by legal_matter penalised_outcome complaint_outcome"
    assert snapshot_columns.multi("victims") == set(several.split())


def test_no_column_is_finer_than_a_region_or_a_quarter() -> None:
    names = {column.name for _, column in COLUMNS}
    assert not names & {"date", "day", "month", "city", "district", "street", "birth_date", "age", "name"}


def test_values_are_labelled_by_their_list_and_margins_too() -> None:
    assert snapshot_columns.column("victims", "destination").label("KZ", "en") == "Kazakhstan"
    assert snapshot_columns.column("crimes", "half").label("2025-H2", "en") == "Second half of 2025"
    assert snapshot_columns.column("victims", "services").label("_T", "ru") == "Всего"
    with pytest.raises(KeyError):
        snapshot_columns.column("victims", "sex").label("KZ", "en")


def test_an_unknown_unit_or_column_is_an_error() -> None:
    with pytest.raises(snapshot_columns.UnknownColumn, match="use one of victims"):
        snapshot_columns.columns("perpetrators")
    with pytest.raises(snapshot_columns.UnknownColumn, match="'name' in the snapshot of victims"):
        snapshot_columns.column("victims", "name")
