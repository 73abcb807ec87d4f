"""A request is validated with one sentence per fault; a certificate has no unknown keys."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.synthesis.request import Certificate, Request, check

EPSILON = "epsilon is not a number from 0.001 to 100, give one such as 4"
DELTA = "delta is not a number from 1e-30 to 0.0001, give one such as 1e-9, or none"
ORDER = "combinations of that length are not measured, take an order from 1 to 3"
SEED = "the seed is not a whole number from 0 to 2147483647, give one such as 1"
HASH = "a" * 64
ANONYMOUS: dict[str, Any] = {
    "format": "kerege-synthetic/1",
    "version": "0.1.0",
    "seed": 0,
    "guarantee": {"kind": "k-anonymous"},
    "request": {"k": 5, "order": 3, "columns": ["sex"], "seed": 0},
    "columns": [{"name": "sex", "multi": False}],
    "figures": {},
    "worth": True,
    "advice": "",
    "hashes": {"code": HASH, "csv": HASH, "parquet": HASH},
    "rows": 5,
}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"epsilon": 1},
        {"epsilon": 0.001, "delta": 1e-4},
        {"delta": 1e-30, "preset": "careful"},
        {"order": 1},
        {"seed": 2**31 - 1, "period": "2025", "columns": ("sex",)},
    ],
)
def test_a_valid_request_passes(asked: dict[str, Any]) -> None:
    check(Request(**asked))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        *(({"epsilon": value}, EPSILON) for value in (0, 0.0009, 100.1, True, "4", None, float("nan"), float("inf"))),
        *(({"delta": value}, DELTA) for value in (0, 1e-31, 2e-4, True, "1e-9", float("nan"))),
        *(({"order": value}, ORDER) for value in (0, 4)),
        *(({"seed": value}, SEED) for value in (-1, 2**31)),
        ({"preset": "bold"}, "there is no preset bold, take one of: balanced, careful, detailed"),
        ({"preset": 3}, "there is no preset 3, take one of: balanced, careful, detailed"),
        ({"preset": "\n" * 99}, f"there is no preset {'?' * 57}..., take one of: balanced, careful, detailed"),
    ],
)
def test_an_invalid_request_is_one_sentence(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        check(Request(**asked))
    assert str(caught.value) == sentence


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        check(Request(epsilon=0, delta=1, preset="", seed=-1, order=9))
    assert len(caught.value.faults) == 5


def test_a_certificate_keeps_what_was_written() -> None:
    assert Certificate.parsed(ANONYMOUS, "c.json").tree == ANONYMOUS


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"truth": 3}, "c.json: truth is an unknown key"),
        ({"rows": -1}, "c.json: rows: input should be greater than or equal to 0"),
        ({"hashes": {"csv": HASH, "parquet": HASH}}, "c.json: hashes.code is missing"),
        ({"people": None}, "c.json: people is not a whole number"),
        ({"format": "kerege-synthetic/2"}, "c.json: format: input should be 'kerege-synthetic/1'"),
    ],
)
def test_a_certificate_with_an_unknown_key_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        Certificate.parsed(ANONYMOUS | change, "c.json")
    assert str(caught.value).startswith(sentence)
