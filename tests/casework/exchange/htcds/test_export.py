"""Export: imported values come out unchanged; without identity no name comes out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerege.casework.cases.models.case import Case
from kerege.casework.exchange.file_import import import_file
from kerege.casework.exchange.htcds.columns import STATES, FileColumn, file_columns, names_of
from kerege.casework.exchange.htcds.export import export
from kerege.casework.exchange.htcds.field_mapping import build_identity, flat_identity
from kerege.casework.vault.identity import Identity
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Denied
from kerege.vocabulary import htcds
from tests.casework.exchange.records import FULL, OPERATOR, bring_in, other_register, read_csv, take_out

pytestmark = pytest.mark.django_db

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-2",
    "@SUM(A1)",
    'say "hi", twice',
    "line\nbreak\r\nand\ttab",
    "𠮷野家 👩‍👧",
    "\u202eмакей\u202c \u200fعلي",
    "Ә\u0301 e\u0301 é",  # composed and decomposed forms are two different texts
    " leading and trailing ",
    "x" * 10_000,
    "a;b;c",
    "'; DROP TABLE cases_case; --",
    "Unknown",
    "{{ 7*7 }}<script>",
]


def test_every_field_of_the_standard_survives(tmp_path: Path) -> None:
    assert set(htcds.htcds_fields()) <= set(FULL)
    bring_in(tmp_path, FULL)
    (row,) = read_csv(take_out(tmp_path / "out", with_identity=True))
    assert {name: row.get(name, "") for name in FULL} == FULL


@pytest.mark.parametrize("with_identity", [True, False])
def test_an_export_read_by_another_register_is_exported_byte_for_byte(tmp_path: Path, with_identity: bool) -> None:
    other = {"org_Name": "Centre Umit", "prs_Id": "p2", "prs_FirstName": "Б", "cas_RegistrationDate": "2024-01-01"}
    rows = [
        FULL,
        {
            "prs_Id": "person-7",
            "cas_Id": "case-7",
            "org_Name": "Centre Umit",
            "hte_Type": "Recruitment",
            "hte_Country": "Uzbekistan",
        },
        {
            "prs_Id": "person-7",
            "cas_Id": "case-7",
            "org_Name": "Centre Umit",
            "hte_Type": "Transit",
            "cco_CaseComment": "two",
        },
        other | {"cas_Id": "c1", "svc_Type": "shelter", "svc_StartDate": "2024-01-02", "svc_Provider": "Shelter North"},
        other | {"cas_Id": "c2", "dec_Status": "declined", "dec_Date": "2024-02-01", "dec_Authority": "Police"},
        {"prs_Gender": "Masculine", "vic_TypeOfExploitation": "Unknown", "cas_Status": "Refused"},
        {"prs_Gender": "Masculine", "vic_TypeOfExploitation": "Unknown", "cas_Status": "Refused"},
    ]
    with other_register():
        bring_in(tmp_path, *rows)
        first = take_out(tmp_path / "first", with_identity=with_identity)
        assert import_file(OPERATOR, first).unchanged
    with other_register():
        import_file(OPERATOR, first)
        second = take_out(tmp_path / "second", with_identity=with_identity)
    assert first.read_bytes() == second.read_bytes()


def test_without_identity_no_text_and_no_id_of_the_agency_leaves(tmp_path: Path) -> None:
    bring_in(tmp_path, FULL, FULL | {"prs_Id": "q", "cas_Id": "r", "hte_Country": "the village of Aisulu"})
    text = take_out(tmp_path / "out", with_identity=False).read_text()
    named = {
        value for name, value in FULL.items() if name in htcds.htcds_fields() and htcds.htcds_fields()[name].identifying
    }
    leaked = {value for value in named | {"person-7", "case-7", "Aisulu"} if len(value) > 3 and value in text}
    assert leaked == set()
    assert "ForcedLabour;ForcedBegging" in text


def test_with_identity_needs_the_right_is_audited_and_closed_to_others(
    tmp_path: Path, make_actor: Callable[..., object]
) -> None:
    bring_in(tmp_path, FULL)
    with pytest.raises(Denied):
        export(make_actor("supervisor"), tmp_path / "no", with_identity=True)  # type: ignore[arg-type]
    assert not (tmp_path / "no").exists()
    file = take_out(tmp_path / "out", with_identity=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert AuditEvent.objects.filter(action="exchange.export_identities", outcome="done").count() == 1
    assert AuditEvent.objects.filter(action="exchange.export_identities", outcome="refused").count() == 1


def test_a_supervisor_exports_only_the_cases_of_their_agency(tmp_path: Path, make_agency, make_actor) -> None:  # type: ignore[no-untyped-def]
    bring_in(tmp_path, FULL, {"prs_Id": "1", "prs_Gender": "Feminine", "org_Name": make_agency("hers").names["en"]})
    result = export(make_actor("supervisor", agency=make_agency("hers")), tmp_path / "out")
    assert result.cases == 1


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_survive_unchanged(tmp_path: Path, text: str) -> None:
    free = [
        "prs_FirstName",
        "prs_SecondName",
        "prs_HomePhone",
        "prs_MailingCity",
        "cco_CaseComment",
        "cas_CaseOwner",
        "hte_City",
        "spl_Objectives",
        "vic_LocationOfExploitation",
        "prs_IdentityNumber",
    ]
    row = {"prs_Id": "1", "cas_Id": "1"} | dict.fromkeys(free, text)
    bring_in(tmp_path, row)
    (exported_row,) = read_csv(take_out(tmp_path / "out", with_identity=True))
    assert {name: exported_row.get(name) for name in row} == row


# a null character is refused, which has a test of its own (tests/safety)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20).filter(
    str.strip
)
IDENTITY = [c.name for c in file_columns().values() if c.level == "person" and c.identity and c.name != "prs_Birthdate"]


@given(st.dictionaries(st.sampled_from(IDENTITY), texts))
def test_an_identity_holds_every_value_of_a_file(values: dict[str, str]) -> None:
    assert flat_identity(build_identity(Identity(), values)) == values


SAMPLES = {"flag": ("true", "false"), "language": ("kaz", "rus", "ky")}


def values_of(column: FileColumn) -> list[str]:
    """Return the values of a column with a list of values, without the answer states."""
    names = names_of(column.list_name).values() if column.list_name else column.values or SAMPLES.get(column.kind, ())
    return [name for name in names if name not in STATES]


def cells(name: str) -> st.SearchStrategy[str]:
    """Values of a column in their canonical spelling."""
    column = file_columns()[name]
    states = ["Unknown", "NotAsked", "Refused"]
    values = values_of(column)
    if column.kind == "text":
        return texts
    if column.multiple:
        listed = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
        joined = listed.map(";".join)
        return st.one_of(joined, joined, joined, st.sampled_from(states))
    if values:
        return st.sampled_from([*values, *states])
    if column.kind == "number":
        return st.one_of(st.integers(0, 100).map(str), st.sampled_from(states))
    if column.kind == "date":
        return st.dates(date(1990, 1, 1), date(2099, 1, 1)).map(str)
    return st.sampled_from(states)


FREE = [
    c.name
    for c in file_columns().values()
    if c.level in {"person", "case"}
    and c.name not in {"prs_Id", "cas_Id", "cas_RegistrationDate", "prs_Birthdate"}
    and not c.name.startswith(("per_", "vic_Exploitation", "cas_End", "cas_Closure", "vic_TraffickingStatus"))
]


RECORDS = st.lists(st.sets(st.sampled_from(FREE), min_size=1, max_size=12), min_size=1, max_size=3).flatmap(
    lambda several: st.tuples(*(st.fixed_dictionaries({name: cells(name) for name in names}) for names in several))
)


def check_round_trip(tmp_path: Path, records: tuple[dict[str, str], ...]) -> None:
    """Check that records come out as they went in, and that nothing changes when they come in again."""
    rows = [row | {"prs_Id": f"p{n}", "cas_Id": f"c{n}"} for n, row in enumerate(records)]
    with other_register():
        bring_in(tmp_path, *rows)
        exported_rows = {row["cas_Id"]: row for row in read_csv(take_out(tmp_path / "out", with_identity=True))}
        assert Case.objects.count() == len(rows)
        assert bring_in(tmp_path, *rows).unchanged
    for row in rows:
        assert {name: exported_rows[row["cas_Id"]].get(name) for name in row} == row


def test_every_value_of_a_list_comes_out_as_it_went_in(tmp_path: Path) -> None:
    """Each row has three values of a column with several, from the last to the first, else one."""
    columns = [file_columns()[name] for name in FREE]
    listed = {column: values_of(column)[::-1] for column in columns if values_of(column)}
    number = max(len(values) for column, values in listed.items() if column.multiple) // 3 + 1

    def cell(column: FileColumn, values: list[str], row: int) -> str:
        several = [values[(3 * row + place) % len(values)] for place in range(3)]
        return ";".join(dict.fromkeys(several)) if column.multiple else several[0]

    rows = [{column.name: cell(column, values, row) for column, values in listed.items()} for row in range(number)]
    check_round_trip(tmp_path, tuple(rows))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS)
def test_any_record_comes_out_as_it_went_in(tmp_path: Path, records: tuple[dict[str, str], ...]) -> None:
    check_round_trip(tmp_path, records)
