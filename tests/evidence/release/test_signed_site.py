"""The signed list of a site names one changed, missing or added file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.release import signed_site
from kerege.evidence.release.signed_site import SiteFile, SiteManifest

KEY = bytes(range(32))


def make_site(folder: Path) -> SiteManifest:
    """Write a signed site of two files."""
    contents = {"en/index.html": b"<p>177 people</p>", "en/data.csv": b"year,count\n"}
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    manifest = SiteManifest(
        format="kerege-site/1",
        moment="2026-07-30T05:00:00+00:00",
        base="https://stat.example.kz",
        languages=["en"],
        code_version="1",
        releases=[],
        withdrawn=[],
        files={name: SiteFile.of(content, "text/html") for name, content in contents.items()},
        redirects={},
        gone=[],
    )
    signed_site.sign(folder, manifest, KEY)
    return manifest


def test_a_site_as_signed_verifies(tmp_path: Path) -> None:
    manifest = make_site(tmp_path)
    assert signed_site.verify(tmp_path) == manifest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "en/data.csv").write_bytes(b"year,count\n2025,9\n"), "data.csv is missing or"),
        (lambda folder: (folder / "en/index.html").unlink(), "en/index.html is missing or differs"),
        (lambda folder: (folder / "en/more.html").write_bytes(b""), "en/more.html is not in site.json"),
        (lambda folder: (folder / "en/link").symlink_to("/etc/hostname"), "en/link is not in site.json"),
    ],
    ids=["changed", "missing", "added", "linked"],
)
def test_one_changed_missing_or_added_file_is_named(
    tmp_path: Path, change: Callable[[Path], object], message: str
) -> None:
    make_site(tmp_path)
    change(tmp_path)
    with pytest.raises(Refused, match=message):
        signed_site.verify(tmp_path)


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_bytes(b"x")
    site = make_site(tmp_path / "site")
    for name in ("../private.txt", str(tmp_path / "private.txt")):
        files = site.files | {name: SiteFile.of(b"x", "text/plain")}
        signed_site.sign(tmp_path / "site", site.model_copy(update={"files": files}), KEY)
        with pytest.raises(Refused, match="is missing or differs from what was signed"):
            signed_site.verify(tmp_path / "site")


def test_a_list_that_was_changed_after_signing_is_refused(tmp_path: Path) -> None:
    make_site(tmp_path)
    path = tmp_path / "site.json"
    path.write_bytes(path.read_bytes().replace(b"stat.example.kz", b"stat.example.ru"))
    with pytest.raises(Refused, match=r"the signature does not fit site\.json"):
        signed_site.verify(tmp_path)


def test_another_key_than_the_publishers_is_refused(tmp_path: Path) -> None:
    make_site(tmp_path)
    with pytest.raises(Refused, match="signed with another key"):
        signed_site.verify(tmp_path, public_key=b"-----BEGIN PUBLIC KEY-----")


def test_a_folder_without_a_list_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"holds no site\.json"):
        signed_site.verify(tmp_path)
