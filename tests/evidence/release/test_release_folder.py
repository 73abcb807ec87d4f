"""A release folder is signed as a whole: every file is named, and every change is found."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from kerege.base import ed25519
from kerege.base.errors import BadInput, Refused
from kerege.evidence.release.manifest import Manifest, as_bytes, files_of, hash_content
from kerege.evidence.release.release_folder import check_files, read_file, sign, verify
from tests.evidence.release.test_manifest import WHOLE

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
FILES = {
    "tables/sex.csv": b"sex,count,status\n_T,70,ok\n",
    "microdata/people.csv": b"sex\nmale\n",
    "estimates/undetected.json": b"{}",
}


def tree() -> dict[str, Any]:
    """Return a manifest with the hashes of FILES."""
    manifest = copy.deepcopy(WHOLE)
    manifest["tables"][0]["sha256"] = hash_content(FILES["tables/sex.csv"])
    manifest["microdata"][0]["files"][0]["sha256"] = hash_content(FILES["microdata/people.csv"])
    manifest["estimates"][0]["files"][0]["sha256"] = hash_content(FILES["estimates/undetected.json"])
    return manifest


def draft(folder: Path) -> Path:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "draft.json").write_text("internal")
    return folder


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    out = tmp_path / "release"
    out.mkdir()
    sign(draft(tmp_path / "draft"), out, as_bytes(tree()), KEY)
    return out


def test_a_signed_folder_has_the_files_of_the_draft_and_nothing_internal(signed: Path) -> None:
    names = {path.relative_to(signed).as_posix() for path in signed.rglob("*") if path.is_file()}
    assert names == {*FILES, "manifest.json", "manifest.sig", "public_key.pem"}
    assert all((signed / name).read_bytes() == content for name, content in FILES.items())


def test_the_signature_is_verified_by_another_library(signed: Path) -> None:
    key: Any = load_pem_public_key((signed / "public_key.pem").read_bytes())
    signature = base64.b64decode((signed / "manifest.sig").read_text())
    key.verify(signature, (signed / "manifest.json").read_bytes())  # raises InvalidSignature otherwise


def test_a_signed_folder_verifies_with_its_own_key_and_with_that_of_the_publisher(signed: Path) -> None:
    pem = ed25519.public_pem(KEY)
    assert verify(signed) == verify(signed, public_key=pem) == verify(signed, public_key=b"\n" + pem + b"\n")
    assert verify(signed).title == WHOLE["title"]


def test_another_key_of_the_publisher_is_a_forgery(signed: Path) -> None:
    with pytest.raises(Refused, match="release: signed with another key than the one given"):
        verify(signed, public_key=ed25519.public_pem(OTHER_KEY))


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_named(signed: Path, name: str) -> None:
    (signed / name).write_bytes(FILES[name] + b" ")
    with pytest.raises(Refused, match=f"release: {name} is missing or differs from what was signed"):
        verify(signed)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_and_a_folder_in_its_place_are_named(signed: Path, name: str) -> None:
    (signed / name).unlink()
    for _ in range(2):
        with pytest.raises(Refused, match=f"release: {name} is missing or differs from what was signed"):
            verify(signed)
        (signed / name).mkdir(exist_ok=True)


@pytest.mark.parametrize("name", ["zeta.txt", "tables/sex.csv.bak", "draft.json", ".hidden"])
def test_a_file_that_the_manifest_does_not_name_is_refused(signed: Path, name: str) -> None:
    (signed / name).write_text("more")
    with pytest.raises(Refused, match=rf"release: {name} is not in the manifest"):
        verify(signed)


def test_an_empty_folder_is_no_file(signed: Path) -> None:
    (signed / "empty").mkdir()
    verify(signed)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "public_key.pem"])
def test_a_folder_without_a_part_of_its_signature_is_no_release(signed: Path, name: str) -> None:
    (signed / name).unlink()
    with pytest.raises(BadInput, match=f"release: holds no {name}, give the folder of a release"):
        verify(signed)


@pytest.mark.parametrize("change", [b" ", b"\n"])
def test_a_changed_manifest_does_not_match_its_signature(signed: Path, change: bytes) -> None:
    with (signed / "manifest.json").open("ab") as file:
        file.write(change)
    with pytest.raises(Refused, match=r"^release: "):
        verify(signed)


def test_files_that_may_be_beside_the_manifest_are_named_by_the_caller(tmp_path: Path) -> None:
    folder, manifest = draft(tmp_path / "draft"), Manifest.model_validate(tree())
    check_files(folder, manifest, {"draft.json"})
    with pytest.raises(Refused, match=r"draft: draft\.json is not in the manifest"):
        check_files(folder, manifest, set())


def test_a_manifest_names_tables_records_and_estimates(tmp_path: Path) -> None:
    assert files_of(Manifest.model_validate(tree())) == {name: hash_content(content) for name, content in FILES.items()}
    assert read_file(draft(tmp_path), "draft.json") == b"internal"


def test_equal_manifests_have_equal_bytes_in_any_order_of_keys() -> None:
    content = as_bytes(tree())
    assert content == as_bytes(dict(reversed(tree().items())))
    assert content.endswith(b"}\n")
    assert json.loads(content) == tree()
    assert "а".encode() in content  # text stays readable
