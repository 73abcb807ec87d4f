"""No command prints a name or writes one to a file, except the export that was asked to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kerege.casework.cases.models.case import Case
from kerege.cli import main
from tests.casework.exchange.records import FULL, write_csv
from tests.safety.canaries import FAMILY, GEORGIAN, GIVEN, MIDDLE, NOTE, PHONE, SAFE, STREET, TYPED, leaks, words
from tests.safety.watch import watching
from tests.safety.world import furnish

pytestmark = pytest.mark.django_db
PERSON = {
    "prs_FirstName": GIVEN,
    "prs_SecondName": FAMILY,
    "prs_MiddleName": MIDDLE,
    "prs_MobilePhone": PHONE,
    "prs_MailingStreet": STREET,
    "prs_Email": f"{TYPED}@example.org",
    "cco_CaseComment": NOTE,
    "vic_DetailsOfVulnerabilities": SAFE,
    "hte_Description": GEORGIAN,
}
IDENTIFYING = (
    "prs_Birthdate",
    "prs_IdentityNumber",
    "prs_MailingLatitude",
    "prs_MailingCountry",
    "prs_NumberOfChildren",
    "prs_Deceased",
    "cas_IncomingReferralDate",
    "spl_PlannedEndDate",
)


def run(*arguments: object) -> int:
    """Run a command line; its exit code."""
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_commands_print_nobody_and_write_nobody(tmp_path: Path, make_agency: Any, monkeypatch: Any, capfd: Any) -> None:
    furnish(make_agency(), make_agency("third", "hotline"), words())
    out = tmp_path / "out"
    out.mkdir()
    source = write_csv(tmp_path / "records.csv", [FULL | PERSON | {"prs_Id": "p1", "cas_Id": "c1"}])
    commands: list[tuple[object, ...]] = [
        ("import", source, "--dry-run"),
        ("import", source, "--json"),
        ("import", source),
        ("export", "htcds", "--out", out / "htcds"),
        ("export", "ctdc", "--records", "--out", out / "ctdc"),
        ("figures",),
        ("figures", "--json"),
        ("snapshot", out / "v.parquet"),
        ("table", out / "v.parquet", "--by", "sex,exploitation"),
        ("audit", "verify"),
        ("doctor",),
    ]
    with watching(monkeypatch) as watch:
        for command in commands:
            code = run(*command)
            output = capfd.readouterr()
            watch.see(f"{command[0]} stdout", output.out)
            watch.see(f"{command[0]} stderr", output.err)
            assert code == 0 or command[0] == "doctor", (command, output.err)
        watch.database()
        watch.files(out, Path(os.environ["KEREGE_HOME"]))


@pytest.mark.parametrize("column", IDENTIFYING)
def test_a_broken_file_is_refused_without_its_values(column: str, tmp_path: Path, monkeypatch: Any, capfd: Any) -> None:
    source = write_csv(tmp_path / "records.csv", [FULL | PERSON | {column: TYPED}])
    with watching(monkeypatch) as watch:
        code = run("import", source)
        output = capfd.readouterr()
        watch.see("stdout", output.out)
        watch.see("stderr", output.err)
    assert code in {0, 2}
    assert code == 0 or (column in output.err and Case.objects.count() == 0)


def test_the_export_that_names_people_names_them(tmp_path: Path, capfd: Any) -> None:
    """The search above finds names in such files where they stand."""
    run("import", write_csv(tmp_path / "records.csv", [FULL | PERSON]))
    run("export", "htcds", "--with-identity", "--out", tmp_path / "out")
    assert FAMILY in leaks((tmp_path / "out" / "htcds.csv").read_bytes())
    assert leaks(capfd.readouterr().out) == []
