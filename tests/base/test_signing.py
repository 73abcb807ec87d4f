"""Signing by a command whose key another user or a device holds; wrong signatures are refused."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kerege.base import ed25519, signing
from kerege.base.errors import BadInput, Refused

SEED, OTHER = b"\x01" * 32, b"\x02" * 32
SCRIPT = """
import base64, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
signature = Ed25519PrivateKey.from_private_bytes(bytes([int(sys.argv[1])]) * 32).sign(sys.stdin.buffer.read())
sys.stdout.buffer.write(base64.encodebytes(signature) if sys.argv[2] == "text" else signature)
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the command of a signer, and name the file with its public key."""
    path, pem = tmp_path / "signer.py", tmp_path / "signer.pem"
    path.write_text(SCRIPT)
    pem.write_bytes(ed25519.public_pem(SEED) + ed25519.public_pem(OTHER))
    monkeypatch.setenv(signing.PUBLIC_KEY, str(pem))
    return f"{sys.executable} '{path}'"


@pytest.mark.parametrize("form", ["text", "bytes"])
def test_a_command_signs_in_base64_or_in_bytes(script: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(signing.COMMAND, f"{script} 1 {form}")
    key = signing.release_key(Path("/no/such/home"))
    signature = signing.sign(b"content", key)
    assert signature == base64.b64encode(Ed25519PrivateKey.from_private_bytes(SEED).sign(b"content")).decode()
    ed25519.check(b"content", signature, signing.public_pem(key))


def test_a_signature_of_another_key_is_refused(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(signing.COMMAND, f"{script} 2 text")
    with pytest.raises(Refused, match="does not fit KEREGE_SIGNER_PUBLIC_KEY: nothing was signed"):
        signing.sign(b"content", signing.release_key(Path()))


@pytest.mark.parametrize(
    ("command", "words"), [("false", "failed"), ("echo nothing", "does not fit"), ("/no/such/signer", "was not found")]
)
def test_a_command_that_signs_nothing_is_refused(
    script: str, command: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(signing.COMMAND, command)
    with pytest.raises(Refused, match=words):
        signing.sign(b"content", signing.release_key(Path()))


def test_a_command_needs_its_public_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(signing.COMMAND, "true")
    with pytest.raises(BadInput, match="name its file in KEREGE_SIGNER_PUBLIC_KEY"):
        signing.signing_command()
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv(signing.PUBLIC_KEY, str(tmp_path / "empty.pem"))
    with pytest.raises(BadInput, match="no public key in it"):
        signing.signing_command()


def test_the_file_of_public_keys_holds_the_present_key_first(script: str) -> None:
    keys = [signing.id_of(ed25519.public_pem(seed)) for seed in (SEED, OTHER)]
    assert list(signing.public_keys()) == keys


def test_without_a_command_the_key_of_the_home_signs(tmp_path: Path) -> None:
    key = signing.release_key(tmp_path)
    assert key == ed25519.release_key(tmp_path)
    ed25519.check(b"content", signing.sign(b"content", key), signing.public_pem(key))
