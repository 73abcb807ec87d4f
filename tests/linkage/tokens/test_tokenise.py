"""Tokens of each column, computed again with HMAC: fields, combinations, years and MinHash."""

from __future__ import annotations

import hmac
from itertools import pairwise, product
from typing import Any

import polars as pl
import pytest

from kerege.linkage.tokens import study_key, tokenise
from kerege.linkage.tokens.encode_file import _count_dropped, _has_name
from kerege.linkage.tokens.study_key import Key, Terms

KEY = bytes(range(32))
LISTS = {"documents": pl.List(pl.String), "contacts": pl.List(pl.String), "given_forms": pl.List(pl.String)}


def token(field: str, value: str) -> str:
    """Return the first 64 bits of HMAC-SHA256 over the field, a zero byte and the value."""
    return hmac.new(KEY, field.encode() + b"\0" + value.encode(), "sha256").hexdigest()[:16]


def tokens(**columns: list[Any]) -> pl.DataFrame:
    return tokenise.tokens(
        pl.DataFrame(columns, schema_overrides={name: LISTS[name] for name in columns & LISTS.keys()}), KEY
    )


def test_a_token_belongs_to_its_field_and_its_value() -> None:
    frame = tokens(sex=["f", None, "m"], birth_year=[1990, 1991, None])
    assert frame["sex"].to_list() == [token("sex", "f"), None, token("sex", "m")]
    assert frame["birth_year"].to_list() == [token("birth_year", "1990"), token("birth_year", "1991"), None]


def test_a_turned_day_shares_the_field_of_the_day_and_a_document_that_of_the_documents() -> None:
    frame = tokens(birth_day=["05-12"], birth_turned=["12-05"], documents=[["N1", "N2"]])
    assert frame["birth_turned"].to_list() == [token("birth_day", "12-05")]
    assert frame["documents"].to_list() == [sorted([token("documents", "N1"), token("documents", "N2")])]


def test_the_order_of_a_list_is_not_kept_and_an_empty_list_is_missing() -> None:
    frame = tokens(documents=[["N1", "N2"], ["N2", "N1"], [], None], sex=["f"] * 4)
    first, second, *empty = frame["documents"].to_list()
    assert first == second
    assert empty == [None, None]


def test_columns_without_values_are_left_out_and_others_keep_their_order() -> None:
    frame = tokens(sex=["f"], contacts=[None], family=["qqfamily"], family_key=["qq"], postcode=["050000"])
    assert frame.columns == ["family", "family_key", "sex"]


def test_a_combination_joins_two_parts_and_needs_both() -> None:
    frame = tokens(
        given=["qqa", "qqb"],
        given_key=["qa", "qb"],
        family=["zza", None],
        family_key=["za", None],
        birth_year=[1990, 1990],
    )
    assert frame["name"].to_list() == [token("name", "qqa|zza"), None]
    assert frame["given_year"].to_list() == [token("given_year", f"{key}|1990") for key in ("qa", "qb")]
    assert frame["family_year"].to_list() == [token("family_year", "za|1990"), None]


# -- years -------------------------------------------------------------------------------------------------------------
def near_years(year: int) -> set[str]:
    (row,) = tokens(birth_year=[year])["birth_near"].to_list()
    return set(row)


@pytest.mark.parametrize(("one", "apart"), list(product(range(1988, 1992), range(6))))
def test_years_up_to_two_apart_share_a_bucket_and_years_four_apart_share_none(one: int, apart: int) -> None:
    shared = near_years(one) & near_years(one + apart)
    if apart <= 2:
        assert shared
    if apart >= 4:
        assert not shared
    assert len(near_years(one)) == 2


def test_a_year_has_a_bucket_in_each_of_two_series_of_four_years() -> None:
    assert near_years(1990) == {token("birth_near", f"0-{1990 // 4}"), token("birth_near", f"1-{(1990 + 2) // 4}")}


# -- typing errors -----------------------------------------------------------------------------------------------------
def min_hashes(name: str) -> list[str]:
    """Return the least bigram of a name by each of eight parts of 8 bytes of a keyed hash (Broder 1997)."""
    padded = f"^{name}$"
    bigrams = {one + other for one, other in pairwise(padded)}
    digests = {pair: hmac.new(KEY, b"order\0" + pair.encode(), "sha512").digest() for pair in bigrams}
    return [f"{n}{min(sorted(bigrams), key=lambda pair: digests[pair][8 * n : 8 * n + 8])}" for n in range(8)]


@pytest.mark.parametrize("name", ["qqaigul", "zz", "z", "qqqq"])
def test_a_name_has_eight_min_hashes_with_the_year(name: str) -> None:
    frame = tokens(given=[name], given_key=["qq"], birth_year=[1990])
    (row,) = frame["given_near"].to_list()
    assert row == sorted(token("given_near", f"{part}|1990") for part in min_hashes(name))
    assert tokenise.ORDERS == len(min_hashes(name)) == 8


def test_without_a_year_nothing_near_is_encoded() -> None:
    frame = tokens(
        given=["qqa", "qqb"], given_key=["qa", "qb"], given_forms=[["qqa"], ["qqb"]], birth_year=[1990, None]
    )
    assert [row is None for row in frame["given_near"].to_list()] == [False, True]
    assert frame["forms_year"].to_list() == [[token("forms_year", "qqa|1990")], None]
    assert frame["birth_near"].to_list()[1] is None
    assert "given_near" not in tokens(given=["qqa"], given_key=["qa"]).columns


# -- over-frequent values ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("number", "is_kept"), [(10, True), (11, False)])
def test_a_shared_telephone_and_a_common_full_name_have_no_token(number: int, is_kept: bool) -> None:
    """In a list of up to 2,000 records, ten may share a value."""
    rest = 20
    frame = tokens(
        contacts=[["100"]] * number + [[f"2{n}"] for n in range(rest)],
        name_key=["k k"] * number + [f"k {n}" for n in range(rest)],
        birth_date=["1990-01-02"] * number + [f"1990-02-{n + 1:02}" for n in range(rest)],
    )
    for column in ("contacts", "name_key"):
        assert frame[column][:number].null_count() == (0 if is_kept else number)
        assert frame[column][number:].null_count() == 0
    assert frame["birth_date"].null_count() == 0, "many persons share a date, and a date reveals no name"


# -- the file of an agency ---------------------------------------------------------------------------------------------
def test_a_record_needs_a_given_name_a_family_name_or_a_document() -> None:
    frame = pl.DataFrame(
        {
            "given": ["a", None, None, None],
            "documents": [None, ["N1"], None, None],
            "contacts": [None, None, ["1"], None],
        },
        schema_overrides=LISTS,
    )
    assert _has_name(frame, 4).to_list() == [True, True, False, False]
    assert _has_name(frame.select("contacts"), 4).to_list() == [False] * 4


def test_names_without_a_token_are_counted_by_column() -> None:
    frame = pl.DataFrame({"given": ["a", "b", None], "family": ["x", "y", "z"], "sex": ["f"] * 3})
    encoded = pl.DataFrame({"given": ["t", None, None]})
    assert _count_dropped(frame, encoded) == {"given": 1, "family": 3}


# -- keys --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("terms", "is_valid"),
    [
        (Terms(("a", "b")), True),
        (Terms(tuple("abcdefghij")), True),
        (Terms(tuple("abcdefghijk")), False),
        (Terms(("a",)), False),
        (Terms(("a", "a", "b")), False),
        (Terms(("a", "b"), threshold=0.0), False),
        (Terms(("a", "b"), threshold=0.001), True),
        (Terms(("a", "b"), threshold=0.999), True),
        (Terms(("a", "b"), epsilon=0.05), True),
        (Terms(("a", "b"), epsilon=0.049), False),
        (Terms(("a", "b"), epsilon=5.0), True),
        (Terms(("a", "b"), epsilon=5.01), False),
        (Terms(("a", "b"), epsilon=None), True),
        (Terms(("a", "noise")), False),
        (Terms(("a", "b" * 40)), True),
        (Terms(("a", "b" * 41)), False),
        (Terms(("a", ".b")), False),
    ],
)
def test_the_terms_of_a_study_have_limits(terms: Terms, is_valid: bool) -> None:
    try:
        study_key.check_terms(terms)
    except study_key.BadInput:
        assert not is_valid
    else:
        assert is_valid


def test_another_name_threshold_epsilon_or_list_gives_another_token_key_and_fingerprint() -> None:
    terms = Terms(("a", "b"), 0.5, 1.0)
    keys = [
        Key("2026", "2026-11-29", KEY, terms),
        Key("2027", "2026-11-29", KEY, terms),
        Key("2026", "2026-11-29", KEY, Terms(("b", "a"), 0.5, 1.0)),
        Key("2026", "2026-11-29", KEY, Terms(("a", "b"), 0.6, 1.0)),
        Key("2026", "2026-11-29", KEY, Terms(("a", "b"), 0.5, None)),
        Key("2026", "2026-11-29", KEY[::-1], terms),
    ]
    assert len({key.tokens for key in keys}) == len({key.fingerprint for key in keys}) == len(keys)
    assert keys[0].tokens == Key("2026", "another day", KEY, terms).tokens
    assert (len(keys[0].tokens), len(keys[0].fingerprint)) == (32, 16)
