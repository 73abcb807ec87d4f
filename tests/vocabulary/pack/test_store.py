"""Installation of packs: signed by a trusted key, completely or not at all, no lower version."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from kerege.base import ed25519
from kerege.base.errors import BadInput, Fault, Refused
from kerege.vocabulary.pack import Pack, find_pack, store
from kerege.vocabulary.pack.signature import fingerprint_of, sign_pack
from tests.vocabulary.pack.pack_folder import COUNTRY, copy_pack, replace_text

KEY, OTHER = b"k" * 32, b"o" * 32


def no_faults(pack: Pack) -> list[Fault]:
    """Accept every pack."""
    return []


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))
    store.trust(ed25519.public_pem(KEY))
    return tmp_path / "home"


@pytest.fixture
def signed(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a signed pack."""

    def write(version: str = "2027.1", key: bytes = KEY) -> Path:
        folder = copy_pack(tmp_path / f"{version}-{key[:1].decode()}", version)
        sign_pack(folder, key)
        return folder

    return write


def states(home: Path) -> tuple[str, list[str]]:
    """Return the version in use, and the names in the folder of the country."""
    folder = home / "packs" / COUNTRY
    names = sorted(path.name for path in folder.iterdir() if path.name != ".lock") if folder.is_dir() else []
    return store.installed_version(COUNTRY), names


def test_a_signed_pack_is_installed_and_used(home: Path, signed: Callable[..., Path]) -> None:
    pack = store.install(signed(), no_faults)
    assert (pack.version, find_pack(COUNTRY).version) == ("2027.1", "2027.1")
    assert states(home) == ("2027.1", ["2027.1", "current", "installed.json"])
    row = store.last_installation(COUNTRY)
    assert row is not None
    assert row.publisher == fingerprint_of(ed25519.public_pem(KEY))


def test_back_uses_the_version_before_and_at_last_the_shipped_pack(signed: Callable[..., Path]) -> None:
    for version in ("2027.1", "2027.3"):
        store.install(signed(version), no_faults)
    assert store.back(COUNTRY) == "2027.1"
    assert find_pack(COUNTRY).version == "2027.1"
    assert store.back(COUNTRY) == ""
    assert find_pack(COUNTRY).origin == "built in"
    with pytest.raises(Refused, match="no version to go back to"):
        store.back(COUNTRY)


def test_back_after_a_step_back_leads_to_the_version_that_was_really_before(signed: Callable[..., Path]) -> None:
    for version in ("2027.1", "2027.2"):
        store.install(signed(version), no_faults)
    store.back(COUNTRY)
    store.install(signed("2027.3"), no_faults)
    assert store.back(COUNTRY) == "2027.1"


def test_a_pack_without_a_signature_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not signed"):
        store.install(copy_pack(tmp_path / "pack"), no_faults)
    assert states(home) == ("", [])
    assert store.install(tmp_path / "pack", no_faults, unsigned=True).version == "2027.1"


def test_a_key_that_is_not_trusted_is_refused(home: Path, signed: Callable[..., Path]) -> None:
    with pytest.raises(Refused, match="does not trust"):
        store.install(signed(key=OTHER), no_faults)
    assert states(home) == ("", [])


def test_a_swapped_key_is_refused_until_the_operator_says_so(home: Path, signed: Callable[..., Path]) -> None:
    store.install(signed(), no_faults)
    store.trust(ed25519.public_pem(OTHER))
    newer = signed("2027.2", OTHER)
    with pytest.raises(Refused, match="another key than the version in use"):
        store.install(newer, no_faults)
    assert states(home)[0] == "2027.1"
    assert store.install(newer, no_faults, new_publisher=True).version == "2027.2"


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_files_that_differ_from_the_signed_list_are_named(signed: Callable[..., Path], change: str) -> None:
    folder = signed()
    if change == "changed":
        replace_text(folder / "profile.toml", "11616", "11617")
    elif change == "added":
        (folder / "README.md").write_text("x")
    else:
        (folder / "tiles.csv").unlink()
    name = {"changed": "profile.toml", "added": "README.md", "removed": "tiles.csv"}[change]
    with pytest.raises(Refused, match=rf"not those that were signed \({name}\)"):
        store.install(folder, no_faults)


def test_a_list_of_files_with_a_path_out_of_the_pack_is_refused(signed: Callable[..., Path], tmp_path: Path) -> None:
    folder = signed()
    (tmp_path / "secret.csv").write_text("x")
    replace_text(folder / "MANIFEST.json", '"law.toml"', '"../secret.csv"')
    with pytest.raises(Refused, match=r"not those that were signed"):
        store.install(folder, no_faults)


def test_a_lower_version_is_refused_and_the_same_with_other_files_too(home: Path, signed: Callable[..., Path]) -> None:
    store.install(signed("2027.2"), no_faults)
    with pytest.raises(Refused, match=r"2027\.1 is lower than 2027\.2"):
        store.install(signed("2027.1"), no_faults)
    other = signed("2027.2", OTHER)
    store.trust(ed25519.public_pem(OTHER))
    replace_text(other / "profile.toml", "11616", "11617")
    sign_pack(other, OTHER)
    with pytest.raises(Refused, match="has to raise the version"):
        store.install(other, no_faults, new_publisher=True)
    assert states(home)[0] == "2027.2"


def test_a_pack_with_faults_leaves_no_trace(home: Path, signed: Callable[..., Path]) -> None:
    with pytest.raises(BadInput, match=r"profile\.toml: is wrong, correct it"):
        store.install(signed(), lambda pack: [Fault("is wrong", "correct it", "profile.toml")])
    assert states(home) == ("", [])


def install_until_killed(folder: Path, last_call: int) -> int:
    """Install a pack in a process of its own that is killed at a call; return how it ended."""
    child = os.fork()
    if child == 0:
        calls = 0

        def kill(frame: FrameType, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event == "call" and frame.f_code.co_filename.endswith(("store.py", "files.py"))
            if calls == last_call:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(kill)
        store.install(folder, no_faults)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_at_each_call(folder: Path) -> Iterator[None]:
    """Install a pack again and again, killed at a later call each time, until it is not killed."""
    for call in range(1, 400, 5):
        ended = install_until_killed(folder, call)
        yield
        if ended != -signal.SIGKILL:
            assert ended == 0
            return
    raise AssertionError("the installation was killed each time")


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_kill_9_at_any_moment_leaves_the_old_version_or_the_new_one(home: Path, signed: Callable[..., Path]) -> None:
    store.install(signed("2027.1"), no_faults)
    seen, kills = set(), 0
    for kills, _ in enumerate(kill_at_each_call(signed("2027.2")), 1):  # noqa: B007
        pack = find_pack(COUNTRY)
        assert pack.manifest == (home / "packs" / COUNTRY / pack.version / "MANIFEST.json").read_bytes()
        seen.add(pack.version)
    assert seen == {"2027.1", "2027.2"}
    assert kills > 8
    assert states(home) == ("2027.2", ["2027.1", "2027.2", "current", "installed.json"])
    assert store.back(COUNTRY) == "2027.1"
