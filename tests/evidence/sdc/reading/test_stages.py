"""Steps of one course are recognised in three languages; kinds of services are no steps."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.reading.stages import kinds_of_stage


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        *(("Detected", "Assisted"), ("Victims identified", "Returned"), ("Victims", "Granted status")),
        *(("Suspects", "Convicted"), ("Investigations", "Convictions"), ("Cases opened", "Cases closed")),
        *(
            ("Выявлено", "Получили помощь"),
            ("Подозреваемые", "Осуждено"),
            ("Задержано", "Привлечено к ответственности"),
        ),
        *(("Анықталды", "Көмек алды"), ("Күдіктілер", "Сотталғандар"), ("Тіркелген", "Орналастырылды")),
    ],
)
def test_two_steps_can_be_of_one_course(earlier: str, later: str) -> None:
    assert kinds_of_stage(earlier) & kinds_of_stage(later)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(("Assisted", "Convicted"), ("Victims", "Suspects"), ("Victims detected", "Suspects detected")),
        *(
            ("Investigations", "Cases opened"),
            ("Жертвы", "Осуждено"),
            ("Men", "Women"),
            ("Detected 2024", "Detected 2025"),
        ),
        *(("Medical assistance", "Legal assistance"), ("Shelter", "Support"), ("Медицинская помощь", "Жильё")),
    ],
)
def test_other_units_and_kinds_are_no_steps_of_one_course(first: str, second: str) -> None:
    assert not kinds_of_stage(first) & kinds_of_stage(second)
