"""Publication on another machine: a copy over OpenSSH, and one link that is switched at once.

The other machine needs `sh`, `tar` and GNU coreutils; this machine needs the program `ssh`. Keys, names of
hosts and known hosts are those of OpenSSH; it is never asked for a password.
"""

from __future__ import annotations

import re
import secrets
import shlex
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import file_hash
from kerege.evidence.release import signed_site
from kerege.evidence.release.signed_site import LIST, SiteManifest
from kerege.publishing.export_site.publish import CLOCK_LIMIT, PART, Published, check_here, list_purged, publish

ADDRESS = re.compile(
    r"ssh://(?P<host>(?:[\w.-]+@)?[\w.-]+)(?::(?P<port>\d{1,5}))?(?P<path>(?:/(?!\.(?:/|$))[\w.][\w.-]*)+)/?"
)
SECONDS = re.compile(r"\d+\.\d+")  # GNU `date` prints them with a fraction
OPTIONS = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=20")
# the first argument of each script is the link
LOOK = """date +%s.%N; test -d "$(dirname "$1")" || echo no-folder; test ! -e "$1" -o -L "$1" || echo no-link"""
READ = """cd "$1" 2>/dev/null && cat "$2" || true"""
RECEIVE = """set -e; umask 077; mkdir -p "$1.versions"; chmod 755 "$1.versions"; mkdir "$1.versions/$2"
tar -xf - -C "$1.versions/$2" """
CHECK = """cd "$1.versions/$2" && test "$(find . -type f | wc -l)" -eq "$3" && sha256sum --check --strict --status -"""
SWITCH = """set -e; cd "$1.versions"; chmod -R u=rwX,go=rX "$2"; sync; mv "$2" "$3"
ln -s "$(basename "$1").versions/$3" "$1$2"; mv -T "$1$2" "$1" """
CLEAN = """set -e; rm -f "$1".part-*; cd "$1.versions"
for old in * .part-*; do test "$old" = "$(basename "$(readlink "$1")")" || rm -rf "$old"; done"""
REMOVE = """rm -rf "$1.versions/$2" "$1$2"
test "$(basename "$(readlink "$1")")" = "$3" || rm -rf "$1.versions/$3" """
NOTHING = "nothing was published"


@dataclass(frozen=True)
class RemoteLink:
    """Link on another machine that its web server serves."""

    host: str
    path: str
    port: str = ""

    @classmethod
    def of(cls, address: str) -> RemoteLink:
        """Return the link of `ssh://[USER@]HOST[:PORT]/LINK`. Raises BadInput.

        Examples
        --------
        >>> RemoteLink.of("ssh://stat@web.example.kz:2222/srv/stat/site")
        RemoteLink(host='stat@web.example.kz', path='/srv/stat/site', port='2222')
        """
        match = ADDRESS.fullmatch(address)
        if match is None or match["host"].startswith("-") or ".." in match["path"]:
            raise BadInput(Fault("is no address of a link", "write ssh://USER@HOST/FOLDER/LINK", file=address))
        return cls(match["host"], match["path"], match["port"] or "")

    def command(self, script: str, *arguments: str) -> list[str]:
        """Return the command that runs a script on the other machine, with the link as its first argument."""
        port = ("-p", self.port) if self.port else ()
        return ["ssh", *OPTIONS, *port, "--", self.host, shlex.join(["sh", "-c", script, "sh", self.path, *arguments])]

    def run(self, script: str, *arguments: str, content: bytes = b"", if_not: str = NOTHING) -> bytes:
        """Return what a script prints. Raises Refused, which ends with the words `if_not`."""
        try:
            done = subprocess.run(self.command(script, *arguments), input=content, capture_output=True, check=False)
        except OSError as error:
            raise Refused(f"the program ssh cannot be started ({error.strerror}): {if_not}") from None
        self._require(done.returncode, done.stderr, if_not)
        return done.stdout

    def send(self, out: Path, names: list[str], part: str) -> None:
        """Send the files of a site as one archive. Raises Refused."""
        with tempfile.TemporaryFile() as errors:
            command = self.command(RECEIVE, part)
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors) as process:
                self._write(process, out, names)
            errors.seek(0)
            self._require(process.returncode, errors.read())

    def _write(self, process: subprocess.Popen[bytes], out: Path, names: list[str]) -> None:
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        try:
            with process.stdin as pipe, tarfile.open(fileobj=pipe, mode="w|") as archive:
                for name in names:
                    archive.add(out / name, name, recursive=False, filter=_without_owner)
        except BrokenPipeError:
            return  # the status of the process says why

    def _require(self, status: int, errors: bytes, if_not: str = NOTHING) -> None:
        if status:
            last = (errors.decode("utf-8", "replace").strip().splitlines() or [f"status {status}"])[-1]
            raise Refused(f"{self.host}: {last}: {if_not}")


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a member of an archive without the account of this machine that owns the file."""
    return member.replace(uid=0, gid=0, uname="", gname="", deep=False)


def publish_to(out: Path, target: str, now: datetime, time_server: str = "") -> Published:
    """Publish a site to a link of this machine, or of another one where `target` begins with ssh:."""
    if target.startswith("ssh:"):
        return publish_remote(out, target, now, time_server)
    return publish(out, Path(target), now, time_server)


def publish_remote(out: Path, address: str, now: datetime, time_server: str = "") -> Published:
    """Copy a site to another machine, check every hash there, and switch the link `address` at once.

    Nothing is sent before the moment of the site, nor to a machine whose clock differs by more than five seconds. When
    a step fails before the switch, the link keeps leading to the older state, and the copy is removed. When only the
    removal of older states fails after it, the new state is public, and the message says so.
    """
    link, site = RemoteLink.of(address), signed_site.verify(out)
    check_here(site, now, time_server)
    _look(link)
    before = _read_public(link)
    part, folder = f"{PART}{secrets.token_hex(8)}", f"{site.due:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    names = sorted({*site.files, *LIST.files})
    try:
        link.send(out, names, part)
        _check_copy(link, out, site, names, part)
        link.run(SWITCH, part, folder)
    except BaseException:
        subprocess.run(link.command(REMOVE, part, folder), capture_output=True, check=False)
        raise
    link.run(CLEAN, if_not="the new state is public, but an older one is still there, remove it")
    return Published(Path(link.path).parent / f"{Path(link.path).name}.versions" / folder, list_purged(before, site))


def _look(link: RemoteLink) -> None:
    """Raise unless the link can be set there and the clock of the other machine is right."""
    seconds, *problems = link.run(LOOK).decode("utf-8", "replace").split() or [""]
    if not SECONDS.fullmatch(seconds):
        raise Refused(f"{link.host}: its time cannot be read: nothing was copied")
    if "no-link" in problems:
        raise BadInput(Fault("is no link", "name the link that the web server serves", file=link.path))
    if "no-folder" in problems:
        raise BadInput(Fault("its folder does not exist", "make it, or name another one", file=link.path))
    error = abs(float(seconds) - datetime.now(UTC).timestamp())
    if error > CLOCK_LIMIT:
        raise Refused(f"the clocks of this machine and of {link.host} differ by {error:.0f} s: nothing was copied")


def _read_public(link: RemoteLink) -> SiteManifest | None:
    """Return the list of the site that is public there, or None when there is none."""
    with tempfile.TemporaryDirectory() as folder:
        for name in LIST.files:
            (Path(folder) / name).write_bytes(link.run(READ, name))
        try:
            return signed_site.read_signed(Path(folder))
        except (BadInput, Refused):
            return None


def _check_copy(link: RemoteLink, out: Path, site: SiteManifest, names: list[str], part: str) -> None:
    """Raise Refused unless the copy has every file as signed, and no other file."""
    hashes = {name: entry.sha256 for name, entry in site.files.items()}
    hashes |= {name: file_hash(out / name) for name in names if name not in hashes}
    lines = "".join(f"{hashes[name]}  ./{name}\n" for name in names)
    try:
        link.run(CHECK, part, str(len(names)), content=lines.encode())
    except Refused:
        raise Refused(f"{link.host}: the copy is not what was signed: nothing was published") from None
