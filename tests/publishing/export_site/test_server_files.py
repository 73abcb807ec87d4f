"""Real web servers answer an exported site as the files for them say: nginx, Caddy and Apache."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from kerege.evidence.release import signed_site
from kerege.publishing.export_site import policy
from kerege.publishing.export_site.server_rules import ServerRules, list_gone, list_types
from kerege.publishing.site_check.references import list_references
from tests.publishing.export_site.conftest import BASE, LANGUAGES
from tests.publishing.export_site.web_servers import PROGRAMS, Reader, serving

pytestmark = pytest.mark.django_db  # the exported site is made from a database
MOVED = {"/en/2019/": "/en/f/", "/ru/old.csv": "/ru/f/sex.csv"}
GONE = (
    "/en/r/annual-2023/",
    "/ru/r/annual-2023/",
    "/ru/r/annual-2023/tables/sex.csv",
    "/en/r/annual-2023/release.zip",
    "/en/f/helped-by-year/annual-2023/",
    "/en/f/helped-by-year/annual-2023.csv",
    "/embed/helped-by-year/annual-2023/",
    "/api/v1/releases/annual-2023.json",
)


@pytest.fixture(scope="module")
def public(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the site that every user of the machine may read, as a publication makes it."""
    folder = tmp_path_factory.mktemp("public") / "site"
    shutil.copytree(site, folder)
    for path in (folder, *folder.parents):
        if path.owner() == folder.owner() and path != Path("/tmp"):
            path.chmod(path.stat().st_mode | 0o055)
    return folder


@pytest.fixture(scope="module", params=list(PROGRAMS))
def reader(request: pytest.FixtureRequest, public: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Return a reader of the site behind each of the servers."""
    manifest = signed_site.verify(public)
    types = list_types({name: entry.type for name, entry in manifest.files.items()})
    gone = list_gone(manifest.gone, manifest.withdrawn, LANGUAGES)
    rules = ServerRules(BASE, LANGUAGES, MOVED, gone, types)
    with serving(request.param, public, rules, tmp_path_factory.mktemp(request.param)) as port:
        yield Reader(port)


def test_a_crawl_of_all_files_finds_no_broken_link_no_cookie_and_no_other_host(reader: Reader, public: Path) -> None:
    manifest = signed_site.verify(public)
    waiting, seen = ["/en/", "/ru/", *(f"/{name}" for name in manifest.files if not name.startswith("server/"))], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        status, headers, body = reader.get(address)
        is_gone = "annual-2023" in address
        assert status == (410 if is_gone else 200 if address != "/" else 302), address
        assert "set-cookie" not in headers, address
        assert headers["content-security-policy"] == policy.policy_of(address), address
        entry = manifest.files.get(address.lstrip("/"))
        if entry and not is_gone:
            assert headers["content-type"].partition(";")[0] == entry.type.partition(";")[0], address
            assert len(body) == entry.size, address
        for reference in list_references(headers.get("content-type", ""), body.decode("utf-8", "replace")):
            target = urlsplit(urljoin(BASE + address, reference.address))
            if f"{target.scheme}://{target.netloc}" == BASE:
                waiting.append(target.path or "/")
            else:
                assert reference.kind == "link", (address, reference)
    assert len(seen) > 100


@pytest.mark.parametrize("address", GONE)
def test_every_address_of_a_withdrawn_release_answers_410_with_the_reason(reader: Reader, address: str) -> None:
    status, headers, body = reader.get(address)
    assert status == 410
    assert headers["content-type"].startswith("text/html")
    assert ("Ошибка в таблице." if address.startswith("/ru/") else "A table was wrong.") in body.decode()


def test_an_address_that_only_begins_like_a_withdrawn_one_is_not_gone(reader: Reader) -> None:
    assert reader.get("/en/r/annual-20231/")[0] == 404


def test_old_addresses_lead_to_the_new_ones_for_ever(reader: Reader) -> None:
    for old, new in MOVED.items():
        status, headers, _ = reader.get(old)
        assert (status, urlsplit(headers["location"]).path) == (301, new)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("ru-RU,ru;q=0.9", "ru"), ("en", "en"), ("de-DE,de;q=0.9,ru;q=0.5", "ru"), ("de", "en"), ("", "en")],
)
def test_the_first_page_is_in_the_language_of_the_reader(reader: Reader, accepted: str, language: str) -> None:
    status, headers, _ = reader.get("/", **{"Accept-Language": accepted})
    assert (status, urlsplit(headers["location"]).path) == (302, f"/{language}/")
    assert "Accept-Language" in headers["vary"]


def test_other_sites_may_read_data_and_images_but_not_pages(reader: Reader) -> None:
    for address in ("/en/f/sex.csv", "/ru/f/sex.svg", "/site.json"):
        headers = reader.get(address)[1]
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
    headers = reader.get("/en/")[1]
    assert "access-control-allow-origin" not in headers
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_caches_keep_pages_for_five_minutes_and_hashed_files_for_a_year(reader: Reader, public: Path) -> None:
    hashed = next(path for path in (public / "static").rglob("*.css")).relative_to(public).as_posix()
    status, headers, _ = reader.get("/en/")
    assert headers["cache-control"] == "max-age=300, must-revalidate"
    assert reader.get(f"/{hashed}")[1]["cache-control"] == "max-age=31536000, immutable"
    assert status == 200
    assert reader.get("/en/", **{"If-None-Match": headers["etag"]})[0] == 304


def test_a_missing_page_says_so_in_its_language_and_no_server_file_is_shown(reader: Reader) -> None:
    status, _, body = reader.get("/ru/nothing/")
    assert status == 404
    assert '<html lang="ru"' in body.decode()
    for address in ("/server/nginx.conf", "/.lock", "/en/.hidden"):
        assert reader.get(address)[0] == 404
