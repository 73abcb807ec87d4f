"""Labels of foreign tables are matched to the codes of the register."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.populations.code_correspondence import translate_codes
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence import made_sheets

STATED = made_sheets.sheet(("sex", "exploitation_form"), {("_T", "_T"): 9, ("female", "begging"): 5})


def foreign(column: str, *codes: str, **stated: object) -> Sheet:
    """Return an unstated table by one column."""
    return made_sheets.sheet(
        (column,), dict.fromkeys([("_T",), *((code,) for code in codes)], 3), stated=False, **stated
    )


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        ("Пол", ("Женский", "Мужской")),
        ("Жынысы", ("Әйел", "Ер")),
        ("Sex", (" Female ", "MALE")),
        ("sex", ("female", "male")),
        ("who", ("Female", "Male")),  # by its codes alone
    ],
)
def test_a_column_and_its_labels_are_those_of_the_code_list(column: str, codes: tuple[str, str]) -> None:
    sheet = translate_codes(foreign(column, *codes, multi=frozenset({column})), [STATED])
    assert (sheet.by, sheet.axes[0], sheet.multi) == (("sex",), ("_T", "female", "male"), {"sex"})


def test_a_label_that_no_list_has_stays() -> None:
    assert translate_codes(foreign("Sex", "Female", "Martian"), [STATED]).axes[0] == ("_T", "female", "Martian")


def test_one_label_does_not_show_which_column_it_is() -> None:
    assert translate_codes(foreign("who", "Female"), [STATED]).by == ("who",)


def test_labels_of_two_columns_show_neither() -> None:
    twins = made_sheets.sheet(("sex", "sex_2"), {("_T", "_T"): 9}, of="nothing")
    assert translate_codes(foreign("who", "X", "Y"), [twins]).by == ("who",)


def test_labels_that_become_equal_are_not_translated() -> None:
    sheet = foreign("Sex", "Female", "female")
    assert translate_codes(sheet, [STATED]).axes == sheet.axes


def test_not_reported_and_other_are_known_in_every_language() -> None:
    sheet = translate_codes(foreign("Пол", "Женский", "не указано"), [STATED])
    assert sheet.axes[0][2] in ("_U", "не указано")
    assert translate_codes(foreign("Sex", "Female", "_U"), [STATED]).axes[0] == ("_T", "female", "_U")


def test_two_columns_of_one_table_do_not_become_one() -> None:
    sheet = made_sheets.sheet(("sex", "Пол"), {("_T", "_T"): 9, ("f", "Женский"): 4}, stated=False)
    assert translate_codes(sheet, [STATED]).by == ("sex", "Пол")


def test_bands_that_the_list_lacks_keep_the_column() -> None:
    stated = made_sheets.sheet(("age_band",), {("_T",): 9, ("9_17",): 5})
    assert translate_codes(foreign("age_band", "0-14", "15+"), [stated]).axes[0] == ("_T", "0-14", "15+")


def test_a_column_that_matches_nothing_is_returned_as_it_is() -> None:
    sheet = foreign("weather", "rain", "snow")
    assert translate_codes(sheet, [STATED]) is sheet
