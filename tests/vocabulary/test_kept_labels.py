"""Labels that a release keeps come before those of the active lists, and only within their block."""

from __future__ import annotations

from contextvars import copy_context

import pytest
from pydantic import ValidationError

from kerege.vocabulary import codes, snapshot_columns
from kerege.vocabulary.kept_labels import KeptLabels, using_labels

OLD = KeptLabels(
    format="kerege-labels/1",
    units={"victims": {"en": "Persons assisted"}},
    columns={"victims": {"sex": {"ru": "Пол (прежнее)", "en": "Sex, as of old"}}},
    lists={
        "sex": {"female": {"en": "Woman"}},
        "region": {"99": {"ru": "Область, которой нет", "en": "Region that is gone"}},
        "answer": {"unknown": {"en": "Not established"}},
        "payer": {"state": {"en": "the budget"}},
    },
)
NEWER = KeptLabels(format="kerege-labels/1", units={}, columns={}, lists={"sex": {"female": {"en": "Female person"}}})


def test_labels_and_titles_are_those_of_the_release_within_the_block_and_the_active_ones_after_it() -> None:
    active = codes.label("sex", "female", "en")
    with using_labels([OLD]):
        assert codes.label("sex", "female", "en") == "Woman"
        assert codes.label("sex", "unknown", "en") == "Not established"
        assert codes.label("service:payer", "shelter:state", "en").endswith("(the budget)")
        assert snapshot_columns.column("victims", "sex").title("en") == "Sex, as of old"
        assert snapshot_columns.unit("victims").titles["en"] == "Persons assisted"
    assert codes.label("sex", "female", "en") == active != "Woman"
    assert snapshot_columns.column("victims", "sex").title("en") != "Sex, as of old"
    assert snapshot_columns.unit("victims").titles["en"] != "Persons assisted"


def test_what_a_release_does_not_keep_has_the_active_label() -> None:
    with using_labels([OLD]):
        assert codes.label("sex", "male", "en") == "Male"
        assert codes.label("sex", "_T", "en") == "Total"
        assert snapshot_columns.column("victims", "origin").title("en")


def test_a_code_that_the_active_list_has_lost_keeps_its_name() -> None:
    with pytest.raises(codes.UnknownCode):
        codes.label("region", "99", "en")
    with using_labels([OLD]):
        assert codes.label("region", "99", "ru") == "Область, которой нет"
        assert codes.label("region", "99", "kk") == "Region that is gone"  # English is the fallback of Kazakhstan


def test_the_first_release_comes_first_and_the_next_one_fills_the_gaps() -> None:
    with using_labels([NEWER, OLD]):
        assert codes.label("sex", "female", "en") == "Female person"
        assert codes.label("region", "99", "en") == "Region that is gone"
        with using_labels([]):
            assert codes.label("sex", "female", "en") == "Female"
        assert codes.label("sex", "female", "en") == "Female person"


def test_another_request_does_not_see_the_labels() -> None:
    with using_labels([OLD]):
        inside = copy_context()
    assert codes.label("sex", "female", "en") == "Female"
    assert inside.run(codes.label, "sex", "female", "en") == "Woman"


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": "kerege-labels/2"},
        {"lists": {"sex": {"female": "Woman"}}},
        {"lists": {"sex": {"female": {}}}},
        {"columns": {"victims": {"sex": {"<b>": "x"}}}},
        {"script": "x"},
    ],
)
def test_a_file_of_another_form_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        KeptLabels.model_validate(OLD.tree | wrong)
