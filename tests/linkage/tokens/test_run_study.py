"""Overlaps counted from tokens alone are those of the persons."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.tokens_lists import encoded as read_back
from benchmarks.tokens_lists import rates, sample
from kerege.base.errors import Refused
from kerege.linkage.matching import link_files, model_file
from kerege.linkage.tokens import (
    encode_file,
    estimate_overlap,
    frequent_names,
    link_error_rates,
    overlap_counts,
    study_key,
    token_file,
)
from tests.linkage.invented_lists import encoded, new_key, people_like, person, table


def test_overlaps_are_those_of_the_persons(tmp_path: Path) -> None:
    key, expected_counts = new_key("x"), {}
    numbers = {"police": range(120), "shelter": range(60, 200), "consulate": range(100, 260)}
    lists = [encoded(tmp_path, name, persons, key) for name, persons in numbers.items()]
    result = estimate_overlap.overlap(lists)
    for number in range(260):
        history = tuple(int(number in persons) for persons in numbers.values())
        expected_counts[history] = expected_counts.get(history, 0) + 1
    counts = {row[:3]: row[3] for row in overlap_counts.overlap_table(result.names, result.histories).rows()}
    assert {history: count for history, count in counts.items() if count} == expected_counts
    assert (0, 0, 0) not in counts
    assert len(counts) == 7
    assert overlap_counts.count_shared(result.histories, 3) == [60, 140, 100]


def test_a_person_with_two_records_on_a_list_counts_once(tmp_path: Path) -> None:
    key = new_key("x")
    people = [person(number) for number in range(100)]
    twice = people + [{**row, "id": row["id"] + "b"} for row in people[:30]]
    lists = []
    for name, rows in (("police", twice), ("shelter", [person(number) for number in range(50, 150)])):
        encoded_list = encode_file.encode_file(table(tmp_path, name, rows), key, name, {}, "id")
        token_file.write_token_file(tmp_path / f"{name}.csv.parquet", encoded_list.header, encoded_list.frame)
        lists.append(token_file.read(tmp_path / f"{name}.csv.parquet"))
    assert estimate_overlap.overlap(lists).histories.tolist() == [50, 50, 50]


def versions(target: dict[str, str], known_fields: int) -> list[dict[str, str]]:
    """Return 45 records that each have `told` of the four fields of one person."""
    records, fields_ = [], ["given_name", "family_name", "patronymic", "birth_date"]
    for number in range(45):
        kept = random.Random(number).sample(fields_, known_fields)
        records.append({**person(90_000 + number), "sex": target["sex"], **{name: target[name] for name in kept}})
    return records


@pytest.mark.parametrize("known_fields", [2, 3])
def test_many_versions_of_a_person_reveal_no_more_than_one(tmp_path: Path, known_fields: int) -> None:
    """Without the limit one record was linked to eight versions, and noise did not hide this."""
    key, overlaps = new_key("x"), []
    lies = [*(person(number) for number in range(20)), *versions(person(30), known_fields)]
    for numbers in (range(350), [number for number in range(350) if number != 30]):
        lists = []
        for name, people in (("police", [person(number) for number in numbers]), ("shelter", lies)):
            encoded_list = encode_file.encode_file(table(tmp_path, name, people), key, name, {}, "id")
            token_file.write_token_file(tmp_path / f"{name}.parquet", encoded_list.header, encoded_list.frame)
            lists.append(token_file.read(tmp_path / f"{name}.parquet"))
        overlaps.append(estimate_overlap.overlap(lists))
    assert (abs(overlaps[0].histories - overlaps[1].histories) <= 1).all()
    one, two = (link_error_rates.rates(result, overlaps[0].histories)[0] for result in overlaps)
    assert one.second == two.second
    assert abs(one.missing - two.missing) + abs(one.wrong - two.wrong) < 1.5


def test_shared_telephones_are_counted_in_each_list_alone(tmp_path: Path) -> None:
    """A number with more than eight names carries no evidence, counted in each list alone.

    Counted over both lists, the ninth name of the police removed every link by the number of a list with four names.
    """
    key, histories = new_key("x", ("police", "shelter")), []
    shared = {"contact": "+77011234567"}
    police = [{**person(number), "contact": ""} for number in range(5, 200)]
    known = [{**person(number), **shared} for number in range(4)]
    lies = [{**person(number), "given_name": "", "patronymic": "", "birth_date": "", **shared} for number in range(4)]
    lies += [{**person(number), "contact": ""} for number in range(900, 950)]
    for target_records in ([], [{**person(4), **shared}]):
        lists = []
        for name, people in (("police", police + known + target_records), ("shelter", lies)):
            rows = table(tmp_path, name, people)
            encoded_list = encode_file.encode_file(rows, key, name, {"contact": "contact"}, "id")
            token_file.write_token_file(tmp_path / f"{name}.parquet", encoded_list.header, encoded_list.frame)
            lists.append(token_file.read(tmp_path / f"{name}.parquet"))
        histories.append(estimate_overlap.overlap(lists).histories)
    assert histories[0][2] >= 2
    assert (histories[1] - histories[0]).tolist() == [1, 0, 0]


def test_one_more_record_changes_only_the_persons_it_links(tmp_path: Path) -> None:
    check_one_more_record(tmp_path, 3_000, [300])


def check_one_more_record(folder: Path, people: int, changed: list[int]) -> None:
    """Before, with training on the lists, one of 3,154 records changed the counts by twenty in all."""
    records, key, lists = people_like(people).records.drop("document", "phone", "region"), new_key("x"), []
    for name, chosen in (("police", ["police", "border"]), ("shelter", ["crisis_centre", "hotline"])):
        path = folder / f"{name}.csv"
        records.filter(pl.col("agency").is_in(chosen)).drop("agency").write_csv(path)
        encoded_list = encode_file.encode_file(path, key, name, {}, "id")
        token_file.write_token_file(folder / name, encoded_list.header, encoded_list.frame)
        lists.append(token_file.read(folder / name))
    histories = estimate_overlap.overlap(lists).histories
    for gone in changed:
        kept = pl.Series([row != gone for row in range(len(lists[0].frame))])
        fewer = replace(lists[0], frame=lists[0].frame.filter(kept))
        assert abs(estimate_overlap.overlap([fewer, lists[1]]).histories - histories).sum() <= 2


def test_tokens_find_nearly_the_links_of_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # a fixed key: the loss depends on the key, and the proof draws others
    monkeypatch.setattr(study_key.secrets, "token_bytes", lambda size: bytes(range(size)))
    check_links_of_tokens(tmp_path, 3_000, keys=1)


def check_links_of_tokens(folder: Path, records: int, keys: int) -> None:
    """The lists and keys differ from those that the model was fitted to."""
    lists, gaps = sample(records, 51, folder), []
    ids, frame = link_files.gather(list(lists.paths.values()), {}, "id")
    linked_files = link_files.link_records(ids, frame, model_file.load_bundled_model())
    first = sum(1 for _ in lists.paths["police"].open()) - 1
    plain = rates(linked_files.left, linked_files.right, lists.persons(ids), first).f1
    for _ in range(keys):
        read, ids = read_back(lists, folder, frequent_names.SHARE)
        linked_files = estimate_overlap.overlap(read).linked
        taken = linked_files.weights >= 0
        gaps.append(
            plain
            - rates(linked_files.left[taken], linked_files.right[taken], lists.persons(ids), len(read[0].frame)).f1
        )
    assert max(gaps) <= 0.0145


def test_counts_of_some_lists_are_sums() -> None:
    assert overlap_counts.counts_of_lists(["a", "b", "c"], np.array([1, 2, 3, 4, 5, 6, 7]), ["c", "a"]).tolist() == [
        10,
        4,
        12,
    ]


def test_a_list_that_shares_too_few_persons_is_refused(tmp_path: Path) -> None:
    key = new_key("x")
    lists = [encoded(tmp_path, "police", range(100), key), encoded(tmp_path, "shelter", range(95, 200), key)]
    overlap = estimate_overlap.overlap(lists)
    with pytest.raises(Refused, match="too few persons"):
        overlap_counts.check_shared(overlap.names, overlap.histories)
