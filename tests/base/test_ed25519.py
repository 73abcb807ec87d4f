"""Verification detects every changed byte of a signed release, and a forgery by the publisher's key."""

from __future__ import annotations

import base64
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA87PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kerege.base import ed25519
from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release.build import build, verify
from tests.evidence import made

KEY, OTHER_KEY = b"s" * 32, b"t" * 32
SPEC = {"title": "Report", "period": "2025", "table": [{"name": "sex", "of": "records", "by": ["sex"]}]}


def rows(folder: Path) -> Snapshot:
    return made.snapshot(folder, [{"sex": "f"}] * 40 + [{"sex": "m"}] * 30)


def test_any_changed_byte_is_detected(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build([rows(tmp_path)], SPEC, out, key=KEY)
    verify(out)
    for path in sorted(out.rglob("*.*")):
        content = path.read_bytes()
        for place in range(0, len(content) - 1, max(1, len(content) // 25)):
            for flip in (1, 128):
                changed = bytearray(content)
                changed[place] ^= flip
                path.write_bytes(bytes(changed))
                with pytest.raises((Refused, BadInput)):
                    verify(out, public_key=ed25519.public_pem(KEY))
        path.write_bytes(content)
    verify(out, public_key=ed25519.public_pem(KEY))


def test_a_release_with_another_signature_is_detected(tmp_path: Path) -> None:
    build([rows(tmp_path)], SPEC, tmp_path / "out", key=OTHER_KEY)
    verify(tmp_path / "out")
    with pytest.raises(Refused, match="another key"):
        verify(tmp_path / "out", public_key=ed25519.public_pem(KEY))


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "public_key.pem"])
def test_a_missing_file_is_reported(tmp_path: Path, name: str) -> None:
    build([rows(tmp_path)], SPEC, tmp_path / "out", key=KEY)
    (tmp_path / "out" / name).unlink()
    with pytest.raises(BadInput, match=name):
        verify(tmp_path / "out")


def test_the_signing_key_is_created_once_for_its_owner_only(tmp_path: Path) -> None:
    key = ed25519.release_key(tmp_path)
    assert ed25519.release_key(tmp_path) == key
    (path,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_signing_key_is_reported_and_not_replaced(tmp_path: Path) -> None:
    ed25519.release_key(tmp_path)
    (path,) = (tmp_path / "keys").iterdir()
    path.write_text("junk")
    with pytest.raises(BadInput, match="not a signing key"):
        ed25519.release_key(tmp_path)
    assert path.read_text() == "junk"


@pytest.mark.parametrize("kind", [Ed448PrivateKey, MLDSA65PrivateKey, MLDSA87PrivateKey])
def test_a_signature_of_another_algorithm_is_verified_by_its_public_key(kind: Any) -> None:
    private = kind.generate()
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signature = base64.b64encode(private.sign(b"content")).decode()
    ed25519.check(b"content", signature, pem)
    with pytest.raises(Refused):
        ed25519.check(b"another content", signature, pem)


def test_a_key_of_an_unknown_algorithm_verifies_nothing() -> None:
    pem = X25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(Refused):
        ed25519.check(b"content", "", pem)
