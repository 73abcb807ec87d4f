"""Publication: nothing before its minute, one switched link, the old state after a kill."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.release import signed_site
from kerege.publishing.export_site import publish as publication
from kerege.publishing.export_site.publish import list_purged, publish
from tests.evidence.release.test_signed_site import KEY, make_site
from tests.publishing.export_site.conftest import MOMENT, make_releases, withdraw

DUE = MOMENT  # of the sites that make_site writes


def publish_and_die(out: Path, target: Path, step: str) -> int:
    """Publish in a copy of this process that is killed at a step; return the signal that ended it."""
    child = os.fork()
    if child == 0:
        setattr(publication, step, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        try:
            publish(out, target, DUE)
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.fixture(autouse=True)
def clock_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk and the kernel agree with the moment of the tests."""
    monkeypatch.setattr(publication, "_time_of_disk", lambda folder: DUE.timestamp())
    monkeypatch.setattr(publication, "measure_error", lambda: 0.01)


@pytest.fixture
def out(tmp_path: Path, house: Path) -> Path:
    """Return a small exported site; the home has no releases to compare it with."""
    make_site(tmp_path / "out")
    (tmp_path / "public").mkdir()
    return tmp_path / "out"


def content(target: Path) -> bytes:
    """Return a page of the site that is public now."""
    return (target / "en/index.html").read_bytes()


def change(out: Path, words: bytes) -> None:
    """Sign a site with other words."""
    (out / "en/index.html").write_bytes(words)
    manifest = signed_site.read_list(out)
    files = dict(manifest.files) | {"en/index.html": signed_site.SiteFile.of(words, "text/html")}
    signed_site.sign(out, manifest.model_copy(update={"files": files}), KEY)


def test_a_second_before_its_moment_nothing_is_copied(out: Path) -> None:
    with pytest.raises(Refused, match="publish it then: nothing was copied"):
        publish(out, out.parent / "public/site", DUE - timedelta(seconds=1))
    assert list((out.parent / "public").iterdir()) == []


def test_at_its_moment_the_link_leads_to_a_verified_copy_that_all_may_read(out: Path) -> None:
    out.chmod(0o700)
    target = out.parent / "public/site"
    done = publish(out, target, DUE)
    assert signed_site.verify(target.resolve()) == signed_site.verify(out)
    assert done.folder.stat().st_mode & 0o777 == 0o755
    assert done.purge == ()


def test_a_second_publication_removes_the_older_state_and_lists_what_changed(out: Path) -> None:
    target = out.parent / "public/site"
    publish(out, target, DUE)
    change(out, b"<p>withdrawn</p>")
    done = publish(out, target, DUE)
    assert content(target) == b"<p>withdrawn</p>"
    assert done.purge == ("/en/",)
    assert [path for path in done.folder.parent.iterdir() if path.is_dir()] == [done.folder]


@pytest.mark.filterwarnings("ignore:.*multi-threaded")
@pytest.mark.parametrize("step", ["copy", "sync", "_switch"])
def test_a_process_that_is_killed_leaves_the_old_state_and_the_next_run_cleans_up(out: Path, step: str) -> None:
    target = out.parent / "public/site"
    publish(out, target, DUE)
    change(out, b"<p>new</p>")
    assert publish_and_die(out, target, step) == signal.SIGKILL
    assert content(target) == b"<p>177 people</p>"
    done = publish(out, target, DUE)
    assert content(target) == b"<p>new</p>"
    assert [path for path in done.folder.parent.iterdir() if path.is_dir()] == [done.folder]
    assert sorted(path.name for path in target.parent.iterdir()) == ["site", "site.versions"]


def test_a_site_that_was_changed_after_signing_is_refused(out: Path) -> None:
    (out / "en/data.csv").write_bytes(b"year,count\n2025,1\n")
    with pytest.raises(Refused, match=r"data\.csv is missing or differs"):
        publish(out, out.parent / "public/site", DUE)


@pytest.mark.parametrize("error", [5.1, 900.0])
def test_a_clock_that_may_be_wrong_by_more_than_five_seconds_is_refused(
    out: Path, monkeypatch: pytest.MonkeyPatch, error: float
) -> None:
    monkeypatch.setattr(publication, "measure_error", lambda: error)
    with pytest.raises(Refused, match="clock of this machine may be wrong by"):
        publish(out, out.parent / "public/site", DUE)
    monkeypatch.setattr(publication, "measure_error", lambda: 0.0)
    monkeypatch.setattr(publication, "measure_offset", lambda server: -error)
    with pytest.raises(Refused, match="clock of this machine may be wrong by"):
        publish(out, out.parent / "public/site", DUE, "ntp.example.kz")


def test_clocks_of_two_machines_that_differ_are_refused(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "_time_of_disk", lambda folder: DUE.timestamp() + 6)
    with pytest.raises(Refused, match="differ by 6 s: nothing was copied"):
        publish(out, out.parent / "public/site", DUE)


def test_a_target_that_is_a_folder_is_kept(out: Path) -> None:
    (out.parent / "public/site").mkdir()
    with pytest.raises(BadInput, match="is no link"):
        publish(out, out.parent / "public/site", DUE)


@pytest.mark.django_db
def test_a_release_that_was_withdrawn_since_the_export_stops_the_publication(
    site: Path, house: Path, tmp_path: Path
) -> None:
    make_releases(house)
    withdraw("annual-2025")
    with pytest.raises(Refused, match="annual-2025 is not public any more as it is in the site"):
        publish(site, tmp_path / "link", DUE)
    assert not (tmp_path / "link").exists()
    assert not (tmp_path / "link.versions").exists()


def test_a_redirect_that_ended_is_purged(tmp_path: Path) -> None:
    before = make_site(tmp_path).model_copy(update={"redirects": {"/en/2019/": "/en/"}})
    assert list_purged(before, make_site(tmp_path)) == ("/en/2019/",)
