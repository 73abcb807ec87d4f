"""Publication over a real OpenSSH server on loopback, and after kill -9 in the middle of a copy.

The fast test of tests/publishing/export_site/test_publish_remote.py has a stub in place of `ssh`. Here `sshd` of the
package openssh-server runs with keys made for the test; without it the proof is skipped.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kerege.base.errors import Refused
from kerege.evidence.release import signed_site
from kerege.publishing.export_site import publish as publication
from kerege.publishing.export_site import publish_remote as remote
from tests.evidence.release.test_signed_site import KEY, make_site
from tests.publishing.conftest import house
from tests.publishing.export_site.conftest import MOMENT
from tests.publishing.export_site.test_publish import change
from tests.publishing.export_site.test_publish_remote import program
from tests.publishing.export_site.web_servers import free_port

__all__ = ["house"]
SECONDS = 60
BIG = 96_000_000  # bytes of one file, so that its copy takes a while
SERVER = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
"""
CLIENT = """Host *
IdentityFile {folder}/user
IdentitiesOnly yes
UserKnownHostsFile {folder}/known
StrictHostKeyChecking yes
"""


@dataclass(frozen=True)
class Server:
    """An OpenSSH server of this machine, and the link that is published on it."""

    port: int
    folder: Path

    @property
    def link(self) -> Path:
        """Return the link that a web server would serve."""
        return self.folder / "public/site"

    @property
    def address(self) -> str:
        """Return the address of the link."""
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{self.link}"


@pytest.fixture
def server(tmp_path: Path, house: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Run an OpenSSH server on loopback; the program `ssh` reads the key and the known host of the test."""
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    if sshd is None:
        pytest.skip("sshd is not installed; it is in the package openssh-server")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd of root wants it
    made = Server(free_port(), tmp_path)
    write_keys(made)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setattr(publication, "measure_error", lambda: 0.01)
    with (tmp_path / "sshd.log").open("w") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", str(tmp_path / "sshd_config")], stderr=log)
        try:
            wait_for(lambda: "listening" in (tmp_path / "sshd.log").read_text())
            yield made
        finally:
            process.terminate()
            process.wait(SECONDS)


def write_keys(server: Server) -> None:
    """Write keys, configurations, and a program `ssh` that reads them."""
    folder = server.folder
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    kind, key, *_ = (folder / "host.pub").read_text().split()
    (folder / "known").write_text(f"[127.0.0.1]:{server.port} {kind} {key}\n")
    (folder / "sshd_config").write_text(SERVER.format(port=server.port, folder=folder))
    (folder / "ssh_config").write_text(CLIENT.format(folder=folder))
    (folder / "bin").mkdir()
    (folder / "public").mkdir()
    program(folder / "bin", "ssh", f'exec {shutil.which("ssh")} -F {folder}/ssh_config "$@"')


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def make_big_site(folder: Path) -> None:
    """Write a signed site of which one file is big."""
    make_site(folder)
    (folder / "en/data.csv").write_bytes(bytes(BIG))
    manifest = signed_site.read_list(folder)
    files = dict(manifest.files) | {"en/data.csv": signed_site.SiteFile.of(bytes(BIG), "text/csv")}
    signed_site.sign(folder, manifest.model_copy(update={"files": files}), KEY)


def publish_in_child(out: Path, server: Server) -> int:
    """Publish in a copy of this process, which leads a group of its own; return its number."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        try:
            remote.publish_remote(out, server.address, MOMENT)
        finally:
            os._exit(0)
    return child


def is_halfway(server: Server) -> bool:
    """Return whether the big file has begun to arrive."""
    return any(0 < path.stat().st_size < BIG for path in server.folder.glob("public/site.versions/.part-*/en/data.csv"))


def test_a_site_is_published_verified_and_replaced_over_openssh(server: Server, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make_site(out)
    first = remote.publish_remote(out, server.address, MOMENT)
    assert signed_site.verify(server.link.resolve()) == signed_site.verify(out)
    change(out, b"<p>withdrawn</p>")
    second = remote.publish_remote(out, server.address, MOMENT)
    assert second.purge == ("/en/",)
    assert server.link.resolve() == second.folder
    assert [path.name for path in first.folder.parent.iterdir()] == [second.folder.name]
    assert sorted(path.name for path in server.link.parent.iterdir()) == ["site", "site.versions"]


def test_a_host_with_another_key_gets_nothing(server: Server, tmp_path: Path) -> None:
    make_site(tmp_path / "out")
    (tmp_path / "known").write_text(f"[127.0.0.1]:{server.port} {(tmp_path / 'user.pub').read_text()}")
    with pytest.raises(Refused, match=r"127\.0\.0\.1: Host key verification failed\.: nothing was published"):
        remote.publish_remote(tmp_path / "out", server.address, MOMENT)
    assert list(server.link.parent.iterdir()) == []


@pytest.mark.parametrize("victim", ["publisher", "connection"])
def test_a_kill_in_the_middle_of_the_copy_leaves_the_old_state_and_the_next_run_cleans_up(
    server: Server, tmp_path: Path, victim: str
) -> None:
    make_site(tmp_path / "old")
    make_big_site(tmp_path / "new")
    before = remote.publish_remote(tmp_path / "old", server.address, MOMENT).folder
    child = publish_in_child(tmp_path / "new", server)
    wait_for(lambda: is_halfway(server))
    if victim == "publisher":
        os.killpg(child, signal.SIGKILL)
    else:
        [ssh] = subprocess.run(["pgrep", "-g", str(child), "-x", "ssh"], capture_output=True, text=True).stdout.split()
        os.kill(int(ssh), signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) == (victim == "publisher")
    assert server.link.resolve() == before
    assert signed_site.verify(server.link.resolve()) == signed_site.verify(tmp_path / "old")
    done = remote.publish_remote(tmp_path / "new", server.address, MOMENT)
    assert signed_site.verify(server.link.resolve()) == signed_site.verify(tmp_path / "new")
    assert [path.name for path in done.folder.parent.iterdir()] == [done.folder.name]
