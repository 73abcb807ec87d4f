"""A key names the algorithm of its hashes, and a rotation exchanges both."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.core.security import macs
from kerege.core.security.keyring import KeyRing


def test_a_key_without_a_mark_is_of_hmac_sha256_and_a_marked_one_of_its_own() -> None:
    secret = bytes(range(32))
    assert macs.digest(secret, b"x") == hmac.new(secret, b"x", hashlib.sha256).digest()
    assert macs.digest(secret + b"\x01", b"x") == hmac.new(secret, b"x", hashlib.sha3_256).digest()
    with pytest.raises(Refused, match="does not know"):
        macs.digest(secret + b"\x09", b"x")


def test_a_rotation_exchanges_the_algorithm_of_its_purpose_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = KeyRing(tmp_path)
    old = ring.current("index")
    monkeypatch.setenv(macs.VARIABLE, "HMAC-SHA3-256")
    assert ring.current("index") == old  # a key keeps its algorithm
    ring.rotate("index")
    monkeypatch.delenv(macs.VARIABLE)
    new, kek = KeyRing(tmp_path).current("index")[1], KeyRing(tmp_path).rotate("kek")
    assert (len(old[1]), len(new), len(ring.get("kek", kek))) == (32, 33, 32)
    monkeypatch.setenv(macs.VARIABLE, "MD5")
    with pytest.raises(BadInput, match="names no known algorithm"):
        ring.rotate("index")
