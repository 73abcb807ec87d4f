"""The exported site holds the public pages of one moment, and nothing that is hidden then."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.base.still_archive import STILL
from kerege.evidence.release import signed_site
from kerege.publishing.export_site import build
from kerege.publishing.export_site.crawl import Crawl
from kerege.publishing.export_site.public_answer import render
from tests.publishing import made
from tests.publishing.export_site.conftest import BASE, EMBARGO, LANGUAGES, LEFT_OUT, MOMENT, make_releases, withdraw


def texts(folder: Path) -> dict[str, str]:
    """Return the text of each page of a site by its name."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.html")}


def test_the_folder_verifies_and_only_its_owner_may_read_it(site: Path) -> None:
    manifest = signed_site.verify(site)
    assert [release.name for release in manifest.releases] == ["annual-2025"]
    assert manifest.withdrawn == ["annual-2023"]
    assert site.stat().st_mode & 0o777 == 0o700


def test_every_file_is_as_on_the_live_site_but_for_assets_and_policy(site: Path) -> None:
    table = made.to_csv(["sex"], made.tables()["sex"][3])
    assert (site / "en/r/annual-2025/tables/sex.csv").read_bytes() == table
    assert (site / "ru/report/2025/report.pdf").read_bytes().startswith(b"%PDF")
    assert {"en/index.html", "ru/report/2025/index.html", "ru/r/annual-2025/index.html"} <= set(texts(site))


def test_archives_and_documents_do_not_state_when_they_were_made(site: Path) -> None:
    archives = [path for path in site.rglob("*") if path.suffix in {".docx", ".zip", ".ods"}]
    assert len({path.suffix for path in archives}) == 3
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {STILL}, path


def test_the_site_has_the_icon_that_browsers_ask_for_beside_a_file(site: Path) -> None:
    assert (site / "favicon.ico").read_bytes().startswith(b"\0\0\1\0")


def test_pages_name_static_files_by_their_hash_and_hold_the_policy(site: Path) -> None:
    for name, text in texts(site).items():
        for address in re.findall(r'"(/static/[^"]+)"', text):
            content = (site / address.lstrip("/")).read_bytes()
            assert hashlib.sha256(content).hexdigest()[:10] in address, name
        assert name == "index.html" or '<meta http-equiv="Content-Security-Policy" content="default-src' in text


def test_no_page_holds_a_form_a_cookie_script_or_a_link_to_the_sign_in(site: Path) -> None:
    for name, text in texts(site).items():
        assert "<form" not in text, name
        assert "account/login" not in text, name
        assert "localhost" not in text, name


def test_nothing_of_a_release_under_embargo_or_withdrawn_is_in_the_site(site: Path) -> None:
    coming = made.to_csv(["sex"], made.tables()["sex"][3] | {("male",): (770, "perturbed")})
    withdrawn = made.to_csv(["sex"], made.tables()["sex"][3] | {("male",): (981, "ok")})
    for path in site.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert content not in {coming, withdrawn}, path
        assert b"Release of 2026" not in content, path
        assert "annual-2026" not in path.name


def test_the_page_of_a_withdrawn_release_gives_the_reason_and_asks_not_to_be_listed(site: Path) -> None:
    page = (site / "en/r/annual-2023/index.html").read_text()
    assert "A table was wrong." in page
    assert '<meta name="robots" content="noindex">' in page
    assert "981" not in page
    assert [path.name for path in (site / "en/r/annual-2023").iterdir()] == ["index.html"]


def unequal_files(one: Path, other: Path) -> list[str]:
    """Return the names of the files that two sites do not share, or that differ in a byte."""
    names = {*signed_site.list_files(one), *signed_site.list_files(other)}
    pairs = {name: (one / name, other / name) for name in sorted(names)}
    return [
        name
        for name, files in pairs.items()
        if not all(file.is_file() for file in files) or files[0].read_bytes() != files[1].read_bytes()
    ]


@pytest.mark.django_db
def test_a_page_of_one_moment_has_the_same_bytes_each_time(house: Path, site: Path, tmp_path: Path) -> None:
    """The proof of two whole exports is slow: benchmarks/proofs/test_publishing_export_site.py."""
    other = tmp_path / "other"
    shutil.copytree(site, other)
    assert unequal_files(site, other) == []
    (other / "en/index.html").write_bytes(b"changed")
    (other / "ru/index.html").unlink()
    assert unequal_files(site, other) == ["en/index.html", "ru/index.html"]
    for address in ("/en/", "/kk/f/helped-by-year/", "/ru/report/2025/", "/en/feed.xml"):
        assert render(address, MOMENT).body == render(address, MOMENT).body


@pytest.mark.django_db
def test_a_release_appears_at_its_minute_in_pages_rendered_without_http(house: Path) -> None:
    make_releases(house)
    before, at = (render("/en/r/", moment).body.decode() for moment in (EMBARGO - timedelta(seconds=1), EMBARGO))
    assert "Release of 2026" not in before
    assert "Release of 2026" in at
    assert render("/en/account/login/", EMBARGO).status == 404


@pytest.mark.django_db
def test_a_folder_that_exists_is_refused_and_stays(house: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(BadInput, match="exists, name a new folder"):
        build.export(tmp_path / "out", MOMENT, BASE, LANGUAGES)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("base", ["http://stat.example.kz/path", "stat.example.kz", "ftp://stat.example.kz"])
def test_a_base_that_is_no_origin_is_refused(tmp_path: Path, base: str) -> None:
    with pytest.raises(BadInput, match="is not the origin of a site"):
        build.export(tmp_path / "out", MOMENT, base, LANGUAGES)


@pytest.mark.django_db
def test_a_release_whose_signature_is_broken_stops_the_export(house: Path, tmp_path: Path) -> None:
    folder = made.make(house, leave_out=LEFT_OUT)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"period": "2024"}))
    with pytest.raises(Refused, match="annual-2025: the signature does not fit"):
        build.export(tmp_path / "out", MOMENT, BASE, LANGUAGES)
    assert not (tmp_path / "out").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["published", "withdrawn"])
def test_releases_that_change_during_the_export_stop_it(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    made.make(house, leave_out=LEFT_OUT)

    def crawl(moment: datetime, base: str, languages: tuple[str, ...], *rest: object) -> Crawl:
        if change == "published":
            made.make(house, name="annual-2024", period="2024", leave_out=LEFT_OUT)
        else:
            withdraw("annual-2025")
        return Crawl(moment, base, languages)

    monkeypatch.setattr(build, "crawl", crawl)
    with pytest.raises(Refused, match="releases changed while the site was built: build it again"):
        build.export(tmp_path / "out", MOMENT, BASE, LANGUAGES)
    assert not (tmp_path / "out").exists()


@pytest.mark.django_db
def test_a_withdrawn_release_is_no_longer_in_the_state_of_its_moment(house: Path) -> None:
    make_releases(house)
    assert [files.path.name for files in build.read_state(MOMENT).public] == ["annual-2023", "annual-2025"]
    withdraw("annual-2023")
    state = build.read_state(MOMENT)
    assert [files.path.name for files in state.public] == ["annual-2025"]
    assert state.withdrawn == ("annual-2023",)
