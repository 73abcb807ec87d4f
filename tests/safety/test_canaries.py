"""The search for canaries finds what it should find."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest

from kerege.linkage.names import fold
from tests.safety.canaries import EVERY, FAMILY, leaks


@pytest.mark.parametrize("canary", EVERY)
@pytest.mark.parametrize(
    "shape", [str, str.upper, quote, json.dumps, html.escape, str.encode, fold, lambda c: base64.b64encode(c.encode())]
)
def test_a_canary_is_found_in_every_shape(canary: str, shape: object) -> None:
    written = shape(canary)  # type: ignore[operator]
    text = b"before " + written + b" after" if isinstance(written, bytes) else f"before {written} after"
    assert canary in leaks(text)


def test_nothing_is_found_where_nothing_is() -> None:
    assert leaks("Құпия сөз, canary, KZ-2025-00417") == []
    assert leaks(FAMILY[:5]) == []
