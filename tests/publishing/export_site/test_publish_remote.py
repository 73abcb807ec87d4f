"""Publication over ssh; the program `ssh` is a stub that runs the command in this machine."""

from __future__ import annotations

import os
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.release import signed_site
from kerege.publishing.export_site import publish as publication
from kerege.publishing.export_site.publish_remote import RemoteLink, publish_remote
from tests.evidence.release.test_signed_site import make_site
from tests.publishing.export_site.conftest import MOMENT
from tests.publishing.export_site.test_publish import change

HOST = "stat@web.example.kz"


def program(folder: Path, name: str, script: str) -> None:
    """Write a program that comes first in the path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of programs with a stub of ssh, which runs the last argument in a shell."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program(folder, "ssh", 'for last; do :; done; echo "$@" >> "$0.log"; exec sh -c "$last"')
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(publication, "measure_error", lambda: 0.01)
    return folder


@pytest.fixture
def out(tmp_path: Path, house: Path, programs: Path) -> Path:
    """Return a small exported site, and make the folder of the other machine."""
    make_site(tmp_path / "out")
    (tmp_path / "remote").mkdir()
    return tmp_path / "out"


def remote(out: Path) -> Path:
    """Return the link on the other machine."""
    return out.parent / "remote" / "site"


def address(out: Path) -> str:
    """Return the address of the link."""
    return f"ssh://{HOST}:2222{remote(out)}"


def test_the_link_leads_to_a_verified_copy_and_the_older_state_is_removed(out: Path, programs: Path) -> None:
    first = publish_remote(out, address(out), MOMENT)
    assert signed_site.verify(remote(out).resolve()) == signed_site.verify(out)
    assert remote(out).resolve() == first.folder
    change(out, b"<p>withdrawn</p>")
    second = publish_remote(out, address(out), MOMENT)
    assert second.purge == ("/en/",)
    assert [path.name for path in first.folder.parent.iterdir()] == [second.folder.name]
    assert sorted(path.name for path in remote(out).parent.iterdir()) == ["site", "site.versions"]
    assert (remote(out) / "en/index.html").stat().st_mode & 0o777 == 0o644
    assert f"-o BatchMode=yes -o ConnectTimeout=20 -p 2222 -- {HOST} sh" in (programs / "ssh.log").read_text()


def test_nothing_is_sent_before_the_moment(out: Path, programs: Path) -> None:
    with pytest.raises(Refused, match="publish it then: nothing was copied"):
        publish_remote(out, address(out), MOMENT - timedelta(seconds=1))
    assert not (programs / "ssh.log").exists()


@pytest.mark.parametrize(
    ("name", "script", "message"),
    [
        ("date", "echo $(( $(/bin/date +%s) + 3600 )).5", r"the clocks of this machine and of .* differ by 3\d{3} s"),
        ("tar", "cat > /dev/null; echo no space left >&2; exit 2", "web.example.kz: no space left: nothing was"),
        ("tar", '/bin/tar "$@"; echo more >> "$4/en/index.html"', "the copy is not what was signed"),
        ("tar", '/bin/tar "$@"; touch "$4/en/more.html"', "the copy is not what was signed"),
        ("date", "echo 1785387600.%N", "its time cannot be read: nothing was copied"),
        ("mv", "exit 1", "status 1: nothing was published"),
        ("mv", 'test "$1" != -T || exit 1; exec /bin/mv "$@"', "status 1: nothing was published"),
    ],
    ids=["clock", "full", "damaged", "extra", "no-time", "rename", "switch"],
)
def test_a_failure_keeps_the_older_state_and_leaves_no_part(
    out: Path, programs: Path, name: str, script: str, message: str
) -> None:
    publish_remote(out, address(out), MOMENT)
    before = remote(out).resolve()
    change(out, b"<p>new</p>")
    program(programs, name, script)
    with pytest.raises(Refused, match=message):
        publish_remote(out, address(out), MOMENT)
    assert remote(out).resolve() == before
    assert [path for path in before.parent.iterdir() if path != before] == []
    assert sorted(path.name for path in remote(out).parent.iterdir()) == ["site", "site.versions"]


def test_an_older_state_that_stays_is_named_and_the_new_one_is_public(out: Path, programs: Path) -> None:
    first = publish_remote(out, address(out), MOMENT)
    change(out, b"<p>new</p>")
    program(programs, "rm", 'test "$1" = -f || exit 1')
    with pytest.raises(Refused, match="the new state is public, but an older one is still there, remove it"):
        publish_remote(out, address(out), MOMENT)
    assert first.folder.is_dir()
    assert signed_site.verify(remote(out).resolve()) == signed_site.verify(out)


def test_the_archive_names_no_account_of_this_machine(out: Path, programs: Path) -> None:
    program(programs, "tar", 'tee "$0.sent" | /bin/tar "$@"')
    publish_remote(out, address(out), MOMENT)
    with tarfile.open(programs / "tar.sent") as archive:
        assert {(member.uid, member.gid, member.uname, member.gname) for member in archive} == {(0, 0, "", "")}


def test_a_folder_in_place_of_the_link_and_a_missing_folder_are_named(out: Path) -> None:
    remote(out).mkdir()
    with pytest.raises(BadInput, match="is no link"):
        publish_remote(out, address(out), MOMENT)
    with pytest.raises(BadInput, match="its folder does not exist"):
        publish_remote(out, f"ssh://{HOST}{out.parent}/nowhere/site", datetime.now(UTC))


@pytest.mark.parametrize(
    "wrong",
    [
        *("ssh://host", "ssh://-oProxyCommand=x/a", "ssh://host/a b", "ssh://host/../etc"),
        *("ssh://host//", "ssh://host/.", "ssh://host/srv/./site", "ssh://host/srv/-x", "ssh://host/a;b"),
    ],
)
def test_an_address_that_is_none_is_named(wrong: str) -> None:
    with pytest.raises(BadInput, match="write ssh://USER@HOST/FOLDER/LINK"):
        RemoteLink.of(wrong)
