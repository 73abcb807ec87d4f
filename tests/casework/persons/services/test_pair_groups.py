"""Groups of pairs on the quality board."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.casework.persons.services import pair_groups
from tests.casework.persons.services.match_people import woman


@pytest.mark.parametrize(
    ("one", "two", "group"),
    [
        (woman(), woman(), ("female", "kk", "cyrillic")),
        (woman(), woman(family="Karimova", given="Aigul", middle=""), ("female", "kk", "mixed")),
        (woman(family="Қодирова", given="Гулнора", middle="Бахтиёр қизи"),) * 2 + (("female", "uz", "cyrillic"),),
        (woman(), woman(family="Иванова", given="Ольга", middle="Петровна"), ("female", "mixed", "cyrillic")),
        ({}, {}, ("", "", "")),
    ],
    ids=["kazakh", "two scripts", "uzbek", "two languages", "nothing told"],
)
def test_the_group_of_a_pair_is_the_language_of_its_names_and_the_script(one: Any, two: Any, group: Any) -> None:
    sex, language, script = pair_groups.groups_of(one, two)
    assert (sex and "female", language, script) == group
