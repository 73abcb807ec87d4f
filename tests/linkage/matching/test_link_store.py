"""Store of linked records: groups keep their numbers, and every change of an earlier record is listed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from kerege.base.errors import BadInput
from kerege.linkage.matching import blocking, link_files, link_store
from kerege.linkage.matching.column_store import Table, of_frame
from kerege.linkage.matching.link_store import (
    Addition,
    Store,
    add_records,
    begin_store,
    list_other_persons,
    read_store,
    write_store,
)
from kerege.linkage.matching.model_file import Model, load_bundled_model
from tests.linkage.data.invented import records

HEADER = "id,given,family,birth date,passport,sex\n"
AIGUL, SAME_AIGUL = "1,Айгүл,Ахметова,1990-05-12,,f\n", "2,AIGUL,AKHMETOVA,1990-05-12,N1234567,f\n"
DANA, MARRIED_DANA = "3,Dana,Omarova,1985-01-02,N7654321,f\n", "4,Дана,Серікова,1985-01-02,,f\n"


def add(store: Store, folder: Path, *rows: str) -> Addition:
    path = folder / "new.csv"
    path.write_text(HEADER + "".join(rows), "utf-8")
    return add_records(store, *link_files.gather_new(path, {}), train=False)


def invented(size: int, folder: Path) -> tuple[list[str], pl.DataFrame]:
    path = folder / "invented.csv"
    records(size).write_csv(path)
    return link_files.gather_new(path, {})


def list_pairs(model: Model, table: Table, is_new: np.ndarray | None = None) -> set[tuple[int, int]]:
    parts = blocking.pairs(model, table, is_new)
    return {pair for left, right in parts for pair in zip(left.tolist(), right.tolist(), strict=True)}


def partition(store: Store) -> set[frozenset[str]]:
    members: dict[int, set[str]] = {}
    for record_id, group in zip(store.ids, store.groups.tolist(), strict=True):
        members.setdefault(group, set()).add(record_id)
    return {frozenset(group) for group in members.values()}


@pytest.fixture
def begun(tmp_path: Path) -> Store:
    return add(begin_store(load_bundled_model()), tmp_path, AIGUL, DANA).store


def test_a_record_of_a_known_person_joins_their_group(begun: Store, tmp_path: Path) -> None:
    added = add(begun, tmp_path, SAME_AIGUL)
    assert added.changes.rows() == [("2", "joined", 1, None)]
    assert added.store.groups.tolist() == [1, 2, 1]


def test_the_same_file_again_changes_nothing(begun: Store, tmp_path: Path) -> None:
    added = add(begun, tmp_path, AIGUL, DANA)
    assert added.linked is None
    assert added.changes.is_empty()
    assert added.store is begun


def test_a_record_that_joins_two_persons_is_told_with_the_record_that_moves(begun: Store, tmp_path: Path) -> None:
    divided = add(begun, tmp_path, MARRIED_DANA).store
    assert divided.groups.tolist() == [1, 2, 3]
    added = add(divided, tmp_path, MARRIED_DANA.replace("4,", "5,", 1).replace(",,", ",N7654321,"))
    assert added.changes.rows() == [("4", "merged", 2, 3), ("5", "joined", 2, None)]


def test_corrected_values_are_linked_anew_and_listed(begun: Store, tmp_path: Path) -> None:
    added = add(begun, tmp_path, DANA.replace("Dana,Omarova,1985-01-02", "Aigul,Akhmetova,1990-05-12"))
    assert added.changes.rows() == [("3", "changed", 1, 2)]
    again = add(added.store, tmp_path, DANA)
    # the person is alone again; number 2 was given up and never returns
    assert again.changes.rows() == [("3", "changed", 3, 1)]


def test_corrected_values_of_the_same_person_keep_the_number(begun: Store, tmp_path: Path) -> None:
    assert add(begun, tmp_path, AIGUL.replace("12", "21")).changes.rows() == [("1", "changed", 1, 1)]


@pytest.mark.parametrize(
    ("row", "is_other"),
    [
        (AIGUL, False),
        (AIGUL.replace("Ахметова", "Серікова"), False),
        (AIGUL.replace("1990-05-12", "1991-05-12"), False),
        ("1,,,,N1234567,\n", False),
        (DANA.replace("3,", "1,", 1), True),
        (AIGUL.replace("Айгүл,Ахметова,1990-05-12", "Айгүл,Қасымова,1972-11-03"), True),
    ],
)
def test_values_of_another_person_under_a_known_id_are_found(
    begun: Store, tmp_path: Path, row: str, is_other: bool
) -> None:
    path = tmp_path / "later.csv"
    path.write_text(HEADER + row, "utf-8")
    assert list_other_persons(begun, *link_files.gather_new(path, {})) == (["1"] if is_other else [])


def test_a_column_that_the_first_file_lacked_is_compared_in_a_later_one(tmp_path: Path) -> None:
    path = tmp_path / "first.csv"
    path.write_text("id,given\n1,Болат\n", "utf-8")
    first = add_records(begin_store(load_bundled_model()), *link_files.gather_new(path, {}), train=False).store
    assert add(first, tmp_path, SAME_AIGUL).store.model.columns == load_bundled_model().columns
    later = add(add(first, tmp_path, SAME_AIGUL).store, tmp_path, "7,Aigul,,,N1234567,\n")
    assert later.changes.rows() == [("7", "joined", 2, None)]


def test_records_in_three_files_give_nearly_the_groups_of_one_file(tmp_path: Path) -> None:
    ids, frame = invented(600, tmp_path)
    parts = np.array_split(np.arange(len(ids)), 3)
    store = begin_store(load_bundled_model())
    for rows in parts:
        before = store
        store = add_records(store, [ids[row] for row in rows], frame[rows], train=False).store
        # nobody who was in one group is divided
        together = {group for group in partition(before) if len(group) > 1}
        assert all(any(group <= other for other in partition(store)) for group in together)
    whole = add_records(begin_store(load_bundled_model()), ids, frame, train=False).store
    assert len(partition(store) & partition(whole)) > 0.98 * len(partition(whole))


def test_no_order_of_files_moves_an_earlier_record_unlisted(tmp_path: Path) -> None:
    ids, frame = invented(600, tmp_path)
    chance, store, given_up = np.random.default_rng(1), begin_store(load_bundled_model()), set[int]()
    for rows in np.array_split(chance.permutation(len(ids)), 3):
        # some earlier ids come again with the values of another record
        changed = chance.choice(store.ids, 5).tolist() if store.ids else []
        others = chance.integers(0, len(ids), len(changed))
        batch = {ids[row]: row for row in rows} | dict(zip(changed, others, strict=True))
        before = dict(zip(store.ids, store.groups.tolist(), strict=True))
        added = add_records(store, list(batch), frame[list(batch.values())], train=False)
        store, after = added.store, dict(zip(added.store.ids, added.store.groups.tolist(), strict=True))
        listed = {row[0]: row[2:] for row in added.changes.rows()}
        moved = {name: (after[name], group) for name, group in before.items() if after[name] != group}
        assert moved.items() <= listed.items()
        together = {(group, after[record_id]) for record_id, group in before.items() if record_id not in changed}
        assert len(together) == len({group for group, _ in together})
        assert not set(after.values()) & given_up
        given_up |= set(before.values()) - set(after.values())
    assert given_up


def test_only_pairs_with_a_new_record_are_compared(tmp_path: Path) -> None:
    ids, frame = invented(300, tmp_path)
    model = load_bundled_model().only(set(frame.columns))
    is_new = np.arange(len(ids)) % 7 == 0
    table = of_frame(frame)
    every, some = list_pairs(model, table), list_pairs(model, table, is_new)
    assert some == {pair for pair in every if is_new[list(pair)].any()}
    assert 0 < len(some) < len(every)


def test_a_store_is_read_as_it_was_written(begun: Store, tmp_path: Path) -> None:
    path = tmp_path / "people.store"
    write_store(path, begun)
    stored = read_store(path)
    assert (stored.ids, stored.groups.tolist(), stored.next_group) == (begun.ids, begun.groups.tolist(), 3)
    assert_frame_equal(stored.frame, begun.frame)
    assert stored.model.as_dict() == begun.model.as_dict()
    assert oct(path.stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("content", [b"", b"id,given\n1,Dana\n", b"PAR1"])
def test_another_file_is_no_store(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "people.store"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="is no store of linked records"):
        read_store(path)
    pl.DataFrame({"given": ["Dana"]}).write_parquet(path)
    with pytest.raises(BadInput, match="is no store of linked records"):
        read_store(path)


def test_the_least_probability_of_a_written_link_does_not_change_the_groups(begun: Store, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text(HEADER + SAME_AIGUL, "utf-8")
    ids, frame = link_files.gather_new(path, {})
    usual = add_records(begun, ids, frame, train=False)
    assert usual.linked is not None
    [weight] = usual.linked.weights
    least = 1 - 0.5 ** (weight + 1)  # above the probability of the link
    added = add_records(begun, ids, frame, least=least, train=False)
    assert added.linked is not None
    assert len(added.linked.left) == 0
    assert added.changes.rows() == usual.changes.rows() == [("2", "joined", 1, None)]


@pytest.mark.parametrize(("name", "value"), [("FORMAT", 2), ("FOLD_VERSION", "4.of another table")])
def test_a_store_of_another_version_is_refused(
    begun: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    path = tmp_path / "people.store"
    monkeypatch.setattr(link_store, name, value)
    write_store(path, begun)
    monkeypatch.undo()
    with pytest.raises(BadInput, match="another version"):
        read_store(path)
