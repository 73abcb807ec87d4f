"""`kerege pack`, as a publisher and an operator type it: each refusal is one clear sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.base.files import home
from kerege.base.key_file import read_or_create_key
from kerege.vocabulary.pack import find_pack
from kerege.vocabulary.pack.signature import sign_pack
from tests.cli.test_table import run
from tests.vocabulary.pack.pack_folder import copy_pack, replace_text, write_catalogue


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KEREGE_SIGNER", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_pack(tmp_path / "kerege-pack-kz")


def fingerprint_of(output: str) -> str:
    """Return the fingerprint that `sign` printed last."""
    return output.strip().rpartition(": ")[2]


def test_a_publisher_signs_and_an_operator_trusts_installs_and_goes_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("pack", "check", folder) == 0
    assert run("pack", "sign", folder, "--key", folder.parent / "publisher.key") == 0
    spoken = fingerprint_of(capsys.readouterr().out)
    key = folder.parent / "publisher.pem"
    assert run("pack", "install", folder) == 1
    assert "does not trust" in capsys.readouterr().err
    assert run("pack", "trust", key) == 0
    assert "not trusted yet" in capsys.readouterr().out
    assert run("pack", "trust", key, "--fingerprint", "0000" + spoken[4:]) == 1
    assert run("pack", "trust", key, "--fingerprint", spoken.upper().replace(" ", "")) == 0
    assert run("pack", "install", folder) == 0
    assert find_pack("kz").version == "2027.1"
    assert run("pack", "back", "kz") == 0
    assert find_pack("kz").origin == "built in"


def test_every_fault_is_one_line_and_nothing_is_installed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replace_text(folder / "profile.toml", "confirmed = false", "confirmed = true")
    write_catalogue(folder, ("%(agency)s no longer sees", "<script>x</script> %(agency)s"))
    for command in ("check", "install", "sign"):
        assert run("pack", command, folder) == (1 if command == "install" else 2)
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == (1 if command == "install" else 2)
        assert all(line.startswith(("error: ", "refused: ")) for line in lines)
    assert not (home() / "packs" / "kz" / "current").exists()


def test_a_signed_pack_that_confirms_its_own_facts_is_not_installed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("pack", "sign", folder, "--key", folder.parent / "publisher.key")
    run("pack", "trust", folder.parent / "publisher.pem", "--fingerprint", fingerprint_of(capsys.readouterr().out))
    replace_text(folder / "profile.toml", "confirmed = false", "confirmed = true")
    sign_pack(folder, read_or_create_key(folder.parent / "publisher.key", "a key"))
    assert run("pack", "install", folder) == 2
    assert "a pack confirms no fact" in capsys.readouterr().err
    assert find_pack("kz").origin == "built in"


def test_a_pack_without_a_signature_is_for_the_demo_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("pack", "install", folder, "--unsigned") == 1
    assert "in a demo only" in capsys.readouterr().err


def test_a_file_that_is_no_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pack.zip").write_text("x")
    assert run("pack", "check", tmp_path / "pack.zip") == 2
    assert "is not a folder" in capsys.readouterr().err


def test_what_is_not_translated_is_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_catalogue(folder, ("%(agency)s no longer sees", "%(agency)s көрбөйт"))
    assert run("pack", "check", folder, "--missing") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ky: not translated: %(agency)s no longer sees the case" in lines
    assert "ky: not translated: %(agency)s no longer sees" not in lines


@pytest.mark.django_db
def test_an_installed_pack_and_the_way_back_are_audit_events(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerege.core.audit.models import AuditEvent

    monkeypatch.setenv("KEREGE_DEMO", "1")
    assert run("pack", "install", folder, "--unsigned") == 0
    assert not AuditEvent.objects.filter(action="packs.install").exists()  # this home has no register
    assert run("pack", "back", "kz") == 0
    (home() / "kerege.sqlite3").touch()
    assert run("pack", "install", folder, "--unsigned") == 0
    assert run("pack", "back", "kz") == 0
    installed, back = AuditEvent.objects.filter(action__startswith="packs.").order_by("seq")
    assert (installed.action, installed.target, installed.details["version"]) == ("packs.install", "pack:KZ", "2027.1")
    assert (back.action, back.details["version"]) == ("packs.back", find_pack("kz").version)
    assert installed.actor.startswith("cli:")


def test_the_questionnaires_and_consent_forms_of_a_pack_are_checked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = (folder / "screening" / "national_criteria.toml").read_text(encoding="utf-8")
    (folder / "screening" / "other.toml").write_text(tool, encoding="utf-8")
    (folder / "screening" / "ilo_eleven.toml").write_text(
        tool.replace('id = "national_criteria"', 'id = "ilo_eleven"'), encoding="utf-8"
    )
    (folder / "consent").mkdir()
    (folder / "consent" / "uz.toml").write_text('name = "Oʻzbekcha"\n', encoding="utf-8")
    assert run("pack", "check", folder) == 2
    refusals = capsys.readouterr().err
    assert "name the file national_criteria.toml" in refusals
    assert "ilo_eleven is a questionnaire of Kerege" in refusals
    assert "paragraphs: Field required" in refusals
