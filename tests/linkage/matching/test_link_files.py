"""Links of files: how few records can be compared, what progress says, and whose ids are made unique."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.linkage.matching import link_files
from kerege.linkage.matching.comparisons import Level
from kerege.linkage.matching.model_file import load_bundled_model

PEOPLE = "id,given,family,passport\n1,Айгуль,Ахметова,N1234567\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_two_records_are_compared_and_one_is_not(tmp_path: Path) -> None:
    one = write(tmp_path, "one.csv", PEOPLE)
    with pytest.raises(BadInput, match="not two records to compare"):
        link_files.gather([one], {}, "id")
    other = write(tmp_path, "two.csv", PEOPLE + "2,Aigul,Akhmetova,N1234567\n")
    ids, frame = link_files.gather([other], {}, "id")
    linked = link_files.link_records(ids, frame, load_bundled_model(), train=False)
    assert (ids, linked.compared) == (["1", "2"], 1)
    assert (linked.left.tolist(), linked.right.tolist()) == ([0], [1])


def test_records_without_a_candidate_pair_have_no_link(tmp_path: Path) -> None:
    path = write(tmp_path, "x.csv", PEOPLE + "2,Болат,Ким,X7654321\n")
    linked = link_files.link_records(*link_files.gather([path], {}, "id"), load_bundled_model(), train=False)
    assert (linked.compared, len(linked.left), len(linked.right), len(linked.weights)) == (0, 0, 0, 0)
    assert linked.groups().tolist() == [0, 1]


def test_progress_grows_from_zero_to_one_and_names_the_step(tmp_path: Path) -> None:
    rows = "".join(f"{n},Айгуль,Ахметова,N12345{n:02}\n" for n in range(2, 30))
    ids, frame = link_files.gather([write(tmp_path, "x.csv", PEOPLE + rows)], {}, "id")
    steps: list[tuple[float, str]] = []
    link_files.link_records(ids, frame, load_bundled_model(), progress=lambda share, what: steps.append((share, what)))
    shares = [share for share, _what in steps]
    assert shares == sorted(shares)
    assert 0.1 < shares[0] < 0.4
    assert shares[-1] == 1.0
    assert list(dict.fromkeys(what for _share, what in steps)) == ["looking for candidates", "learning", "comparing"]


def test_ids_of_two_files_are_named_by_their_file_only_where_they_repeat(tmp_path: Path) -> None:
    one = write(tmp_path, "a/one.csv", PEOPLE)
    two = write(tmp_path, "a/two.csv", PEOPLE.replace("1,", "2,", 1).replace("Ахметова", "Ким"))
    assert link_files.gather([one, two], {}, "id")[0] == ["1", "2"]
    again = write(tmp_path, "a/three.csv", PEOPLE.replace("Айгуль", "Дана"))
    assert link_files.gather([one, again], {}, "id")[0] == ["one:1", "three:1"]
    same_name, notes = write(tmp_path, "b/one.csv", PEOPLE.replace("Айгуль", "Дана")), list[str]()
    assert link_files.gather([one, same_name], {}, "id", notes.append)[0] == ["1:1", "2:1"]
    assert notes[-1] == f"ids begin with 1: for {one}, 2: for {same_name}"


@pytest.mark.parametrize("copies", [1, 2])
def test_a_file_given_twice_is_refused_and_one_equal_row_is_not(tmp_path: Path, copies: int) -> None:
    text = PEOPLE + "2,Болат,Ким,X7654321\n" * (copies - 1)
    one, other = write(tmp_path, "one.csv", text), write(tmp_path, "other.csv", text)
    with pytest.raises(BadInput, match="is given twice"):
        link_files.gather([one, one], {}, "id")
    if copies == 2:
        with pytest.raises(BadInput, match=r"holds the same rows as one\.csv"):
            link_files.gather([one, other], {}, "id")
    else:
        assert len(link_files.gather([one, other], {}, "id")[0]) == 2


def test_a_column_that_no_file_has_is_named_with_the_choice(tmp_path: Path) -> None:
    one = write(tmp_path, "one.csv", PEOPLE)
    two = write(tmp_path, "two.csv", "key,full\n1,Болат Ким\n2,Дана Ли\n")
    with pytest.raises(BadInput) as refused:
        link_files.gather([one], {"nom": "given"}, "")
    (fault,) = refused.value.faults
    assert (fault.what, fault.file, fault.column) == ("there is no such column", "one.csv", "nom")
    with pytest.raises(BadInput) as refused:
        link_files.gather([one, two], {"nom": "given", "key": "id"}, "")
    (fault,) = refused.value.faults
    assert (fault.what, fault.file, fault.column) == ("no file has such a column", "", "nom")
    assert "one.csv: id, given, family, passport; two.csv: key, full" in fault.todo


def test_training_may_change_a_level_unless_the_model_fixes_it() -> None:
    level = Level(1, "TRUE", "label", 0.5, 0.5)
    assert (level.fixed_m, level.fixed_u, level.tf_column, level.tf_weight, level.tf_minimum) == (
        False,
        False,
        None,
        1.0,
        0.0,
    )


def test_the_level_of_a_gamma_is_found_in_every_comparison_of_the_model() -> None:
    for comparison in load_bundled_model().comparisons:
        for level in comparison.levels:
            assert comparison.level(level.gamma) is level


def test_only_sure_pairs_make_a_cluster() -> None:
    """A pair is sure from a probability of 0.9 on, which are odds of 9."""
    assert pytest.approx(0.9 / 0.1) == 2**link_files.SURE
