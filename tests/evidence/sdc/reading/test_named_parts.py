"""Words of labels say which people can be some of the people of another label.

All figures are invented.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.sdc.disclosure.assessment import assess_disclosure
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.reading.named_parts import named_parts


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        *(("Minors", "Boys"), ("Несовершеннолетние", "Девочки"), ("Akmola with Kokshetau", "Akmola without Kokshetau")),
        *(("Victims", "Victims excluding minors"), ("Жертвы трудовой эксплуатации", "в домашнем хозяйстве")),
        *(("Область", "Область за исключением города"), ("Forced labour", "in agriculture")),
    ],
)
def test_a_part_by_its_words_is_examined_as_one(tmp_path: Path, whole: str, part: str) -> None:
    assert named_parts([whole, part]) == {part: whole}
    for figure, is_safe in ((91, False), (90, True)):
        text = f"Region,{whole},{part}\nNorth,100,{figure}\nSouth,200,120\n"
        (tmp_path / "t.csv").write_text(text, encoding="utf-8")
        assert assess_disclosure(Publication.read(tmp_path)).safe is is_safe


@pytest.mark.parametrize(
    "labels",
    [
        *(["Men", "Women", "Boys", "Girls"], ["Boys", "Girls"], ["North", "South"], ["labour", "in households"]),
        *(["Minors", "Women", "Girls"], ["Abai", "Akmola without Kokshetau"], ["Without work", "With work"]),
    ],
)
def test_other_words_name_no_parts(labels: list[str]) -> None:
    assert named_parts(labels) == {}
