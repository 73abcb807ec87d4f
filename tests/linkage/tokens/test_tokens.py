"""Keyed tokens: which values share a token, and what no token reveals."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kerege.linkage.input import birth_dates, comparison_columns, person_fields
from kerege.linkage.tokens import (
    encode_file,
    frequent_names,
    token_file,
    tokenise,
)
from tests.linkage.invented_lists import encoded, new_key, person, table


def every_token(frame: pl.DataFrame) -> set[str]:
    flat = [column.explode() if column.dtype == pl.List else column for column in frame]
    return {token for column in flat for token in column.drop_nulls().to_list()}


def test_no_field_value_is_in_the_token_file(tmp_path: Path) -> None:
    key = new_key("x")
    people = [person(number) for number in range(60)]
    encoded_list = encode_file.encode_file(table(tmp_path, "police", people), key, "police", {}, "id")
    for suffix in ("csv", "parquet"):
        path = tmp_path / f"tokens.{suffix}"
        token_file.write_token_file(path, encoded_list.header, encoded_list.frame)
        held = path.read_bytes().decode("utf-8", "replace").lower()
        texts = [value for record in people for column, value in record.items() if column != "sex"]
        folded = [
            person_fields.name_columns(record["given_name"], "", record["family_name"])["family"] for record in people
        ]
        assert not [text for text in [*texts, *map(str, folded)] if text.lower() in held]
        assert key.secret.hex() not in held
        assert key.secret not in path.read_bytes()


def test_the_order_of_the_list_is_not_kept(tmp_path: Path) -> None:
    path = table(tmp_path, "police", [person(number) for number in range(60)])
    ids = [encode_file.encode_file(path, new_key("x"), "police", {}, "id").ids for _ in range(2)]
    assert ids[0] != ids[1]
    assert sorted(ids[0]) == sorted(ids[1]) == sorted(person(number)["id"] for number in range(60))


def test_the_same_records_under_two_keys_share_no_token(tmp_path: Path) -> None:
    path = table(tmp_path, "police", [person(number) for number in range(60)])
    one, two = (encode_file.encode_file(path, new_key("x"), "police", {}, "id").frame for _ in range(2))
    assert every_token(one)
    assert not every_token(one) & every_token(two)


def test_the_same_records_under_one_key_have_the_same_tokens(tmp_path: Path) -> None:
    key = new_key("x")
    one, two = (encoded(tmp_path, "police", range(60), key) for _ in range(2))
    assert one.fingerprint == two.fingerprint
    assert one.frame.equals(two.frame)


def test_equal_values_of_two_fields_are_different_tokens() -> None:
    row = person_fields.name_columns("Темирлан", "Темирлан", "Темирлан")
    frame = pl.DataFrame([{**row, "birth_year": 1990}] * 2, schema_overrides=comparison_columns.TYPES)
    token_frame = tokenise.tokens(frame, b"k" * 32)
    assert row["given"] == row["family"] == row["patronymic"]
    singles = [token_frame[name][0] for name in ("given", "family", "patronymic") if name in token_frame.columns]
    assert len(set(singles)) == len(singles) >= 2


def test_another_spelling_of_a_name_has_the_same_tokens() -> None:
    rows = [
        person_fields.name_columns(*name) for name in (("Досжан", "", "Сатыбалдиев"), ("Doszhan", "", "Satybaldiyev"))
    ]
    token_frame = tokenise.tokens(pl.DataFrame(rows), b"k" * 32)
    assert token_frame["family"][0] == token_frame["family"][1] is not None
    assert token_frame["given"][0] == token_frame["given"][1] is not None


@pytest.mark.parametrize(("one", "two"), [(1990, 1991), (1991, 1990), (1989, 1991), (1992, 1990), (1987, 1989)])
def test_years_up_to_two_apart_share_a_bucket(one: int, two: int) -> None:
    token_frame = tokenise.tokens(pl.DataFrame({"birth_year": [one, two, one + 8]}), b"k" * 32)
    near = [set(buckets) for buckets in token_frame["birth_near"]]
    assert near[0] & near[1]
    assert not near[0] & near[2]


def test_a_listed_name_has_no_token_of_its_own_even_if_rare_in_the_file() -> None:
    rows = [person_fields.name_columns(*name) for name in (("Айгүл", "", "Сатыбалдиев"), ("Құндызай", "", "Иванова"))]
    token_frame = tokenise.tokens(pl.DataFrame(rows).with_columns(birth_year=pl.lit(1990)), b"k" * 32)
    assert [value is None for value in token_frame["given"]] == [True, False]
    assert [value is None for value in token_frame["given_key"]] == [True, False]
    assert [value is None for value in token_frame["family"]] == [False, True]
    assert token_frame["name"].null_count() == 0


def test_a_short_name_does_not_reveal_its_common_full_name() -> None:
    rows = [person_fields.name_columns(*name) for name in (("Саша", "", "Сатыбалдиев"), ("Александр", "", "Құндызаев"))]
    token_frame = tokenise.tokens(pl.DataFrame(rows).with_columns(birth_year=pl.lit(1990)), b"k" * 32)
    assert person_fields.given_columns("Саша")["given_forms"] != ["sasha"]
    tokens = every_token(
        token_frame.select(name for name in ("given_forms", "given_known") if name in token_frame.columns)
    )
    common_ones = tokenise.tokens(
        pl.DataFrame({"given_forms": [["aleksandr"]], "given_known": ["aleksandr"]}), b"k" * 32
    )
    assert len(every_token(common_ones)) == 2
    assert not tokens & every_token(common_ones)


def test_no_token_with_a_name_is_in_more_records_than_the_limit() -> None:
    people = [{**person(number), "given_name": "Құндызай"} for number in range(300)]
    people += [{**person(number), "family_name": "Сарыбалақов"} for number in range(300, 600)]
    rows = [
        {
            **person_fields.name_columns(record["given_name"], record["patronymic"], record["family_name"]),
            **birth_dates.birth_columns(record["birth_date"]),
        }
        for record in people
    ]
    token_frame = tokenise.tokens(pl.DataFrame(rows, infer_schema_length=None), b"k" * 32)
    limit = frequent_names.compute_frequency_limit(600)
    for name in {"given", "given_key", "given_forms", "family", "family_key", "patronymic", *tokenise.RARE}:
        if name in token_frame.columns:
            column = token_frame[name].explode() if token_frame[name].dtype == pl.List else token_frame[name]
            assert column.drop_nulls().value_counts()["count"].max() <= limit, name
