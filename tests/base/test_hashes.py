"""Content names the algorithm of its hash; content without a name is of SHA-256."""

from __future__ import annotations

import hashlib
import json

import pytest

from kerege.base import hashes
from kerege.base.errors import BadInput, Refused


def test_a_hash_is_of_the_algorithm_that_the_content_names() -> None:
    line = json.dumps({"hashed_by": "SHA3-256"})
    assert hashes.hash_line(line) == hashlib.sha3_256(line.encode()).hexdigest()
    for old in ("{}", "[]", "words"):
        assert hashes.hash_line(old) == hashlib.sha256(old.encode()).hexdigest()
    with pytest.raises(Refused, match="does not know"):
        hashes.hash_line('{"hashed_by": "MD5"}')


def test_the_setting_chooses_the_algorithm_of_new_content(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hashes.current_name() == {}
    monkeypatch.setenv(hashes.VARIABLE, "SHA3-256")
    assert hashes.current_name() == {"hashed_by": "SHA3-256"}
    monkeypatch.setenv(hashes.VARIABLE, "MD5")
    with pytest.raises(BadInput, match="no known hash"):
        hashes.current_name()
