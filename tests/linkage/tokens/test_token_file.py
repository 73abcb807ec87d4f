"""Keys and token files: what is refused, and what a changed file shows."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.linkage.tokens import (
    encode_file,
    estimate_overlap,
    study_key,
    token_file,
)
from kerege.linkage.tokens.study_log import check_compatible
from tests.linkage.invented_lists import encoded, new_key, person, table


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_files_with_the_former_name_of_the_study_are_read(tmp_path: Path, suffix: str) -> None:
    """Earlier versions wrote the study under the name `exercise`."""
    key, path = new_key("spring"), tmp_path / "key.json"
    study_key.write(key, path)
    path.write_text(path.read_text().replace('"study": ', '"exercise": '))
    assert "exercise" in path.read_text()
    assert study_key.read(path) == key
    tokens = encoded(tmp_path, "police", range(100), key)
    former = tmp_path / f"former.{suffix}"

    def with_former_name(header: token_file.Header) -> dict[str, object]:
        content = asdict(header)
        return {"exercise": content.pop("study"), **content}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_file, "asdict", with_former_name)
        token_file.write_token_file(former, tokens.header, tokens.frame)
    assert b'"exercise"' in former.read_bytes()
    assert token_file.read(former).header == tokens.header
    assert token_file.read(former).fingerprint == tokens.fingerprint


def test_a_list_outside_the_study_is_not_encoded(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no list of the name"):
        encoded(tmp_path, "hotline", range(60), new_key("x"))


def test_a_key_with_changed_terms_makes_tokens_without_match(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    study_key.write(new_key("x"), path)
    key = study_key.read(path)
    path.write_text(path.read_text().replace('"consulate"', '"lie"'))
    changed = study_key.read(path)
    assert changed.secret == key.secret
    assert changed.fingerprint != key.fingerprint
    assert changed.tokens != key.tokens


@pytest.mark.parametrize(
    "terms",
    [
        study_key.Terms(("a",)),
        study_key.Terms(("a", "a")),
        study_key.Terms(tuple("abcdefghijk")),
        study_key.Terms(("a", "count")),
        study_key.Terms(("a", "b"), 1.0),
        study_key.Terms(("a", "b"), epsilon=0.0),
        study_key.Terms(("a", "b"), epsilon=50.0),
    ],
)
def test_invalid_terms_make_no_key(terms: study_key.Terms) -> None:
    with pytest.raises(BadInput):
        study_key.new_study_key("x", terms)


def test_incompatible_files_are_reported_one_by_one(tmp_path: Path) -> None:
    key = new_key("x")
    police = encoded(tmp_path, "police", range(60), key)
    shelter = encoded(tmp_path, "shelter", range(60), new_key("x"))
    consulate = encoded(tmp_path, "consulate", range(60), new_key("y"))
    shelter_of_one_key = encoded(tmp_path, "shelter", range(60), key)
    old = token_file.Tokens(
        police.path, token_file.Header(**{**police.header.__dict__, "fold": "0", "list": "consulate"}), police.frame
    )
    named = replace(police.header, list="hotline")
    undeclared = token_file.Tokens(police.path, named, police.frame)
    forged = replace(shelter_of_one_key.header, terms=study_key.Terms(("police", "shelter"), epsilon=5.0))
    for lists, words in (
        ([police], "1 list cannot overlap"),
        ([police, police], "is the list police again"),
        ([police, shelter], "another key"),
        ([police, consulate], "the study y, not to x"),
        ([police, undeclared], "hotline, which the study does not"),
        ([police, token_file.Tokens(police.path, forged, police.frame)], "other terms than the other files"),
        ([police, old], "folded by version 0"),
    ):
        with pytest.raises(BadInput, match=words):
            check_compatible(lists)


def test_lists_without_distinguishing_fields_are_not_compared(tmp_path: Path) -> None:
    key = new_key("x")
    police = encoded(tmp_path, "police", range(60), key)
    numbered = pl.DataFrame([{"id": str(number), "document": f"N{number:07}", "sex": "F"} for number in range(60)])
    numbered.write_csv(tmp_path / "numbered.csv")
    encoded_list = encode_file.encode_file(tmp_path / "numbered.csv", key, "shelter", {}, "id")
    token_file.write_token_file(tmp_path / "numbered.parquet", encoded_list.header, encoded_list.frame)
    numbered_list = token_file.read(tmp_path / "numbered.parquet")
    with pytest.raises(BadInput, match="no field in common"):
        check_compatible([police, numbered_list])
    assert estimate_overlap.overlap([police, numbered_list]).histories.tolist() == [60, 60, 0]


def test_a_truncated_or_changed_file_is_no_token_file(tmp_path: Path) -> None:
    key = new_key("x")
    encoded_list = encode_file.encode_file(
        table(tmp_path, "p", [person(number) for number in range(60)]), key, "police", {}, "id"
    )
    path = tmp_path / "tokens.csv"
    token_file.write_token_file(path, encoded_list.header, encoded_list.frame)
    text_ = path.read_text()
    assert token_file.read(path).frame.height == 60
    for text, words in (
        ("", "not a token file"),
        ("id,name\n1,A\n", "not a token file"),
        (text_.replace("given_key", "name_of_her"), "not a token file"),
        (text_[: text_.rstrip().rindex("\n") + 1], "holds 59 of the 60 records"),
        (text_.replace(token_file.FORMAT, "kerege-tokens/1"), "another version"),
        (text_.replace(encoded_list.frame["family"].drop_nulls()[0], "Satybaldiyeva"), "not a token file"),
    ):
        path.write_text(text)
        with pytest.raises(BadInput, match=words):
            token_file.read(path)


def test_the_key_file_is_readable_by_its_owner_only_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    key = new_key("overlap-2026")
    study_key.write(key, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert study_key.read(path) == key
    assert key.secret.hex() not in key.fingerprint
    with pytest.raises(BadInput, match="never replaced"):
        study_key.write(new_key("overlap-2026"), path)
    assert study_key.read(path) == key
    assert [file.name for file in tmp_path.iterdir()] == ["key.json"]
    path.write_text(json.dumps({"key": "00"}))
    with pytest.raises(BadInput, match="not a key"):
        study_key.read(path)


def test_a_list_with_too_few_persons_is_refused_without_its_values(tmp_path: Path) -> None:
    key = new_key("x")
    few = table(tmp_path, "few", [person(number) for number in range(20)])
    nameless = table(
        tmp_path, "nameless", [{**person(number), "given_name": "", "family_name": ""} for number in range(80)]
    )
    strange = tmp_path / "strange.csv"
    strange.write_text("colour,shape\nred,round\n")
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    for path, words in (
        (few, "has 20 records"),
        (nameless, "has 0 records"),
        (strange, "no column names"),
        (empty, "is empty"),
    ):
        with pytest.raises(BadInput, match=words) as raised:
            encode_file.encode_file(path, key, "police", {}, "id" if path in (few, nameless) else "")
        assert person(3)["family_name"] not in str(raised.value)
        assert len(raised.value.faults) == 1
