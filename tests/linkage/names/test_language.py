"""Language of a name: a table of names, and each pattern is needed by one of them."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.linkage.names import language as module
from kerege.linkage.names.language import detect_language

# given, father's, family name
NAMES = {
    "kk": [
        ("Айгүл", "Серікқызы", "Ахметова"),
        ("Айгуль", "Сериковна", "Ахметова"),
        ("AIGUL", "", "AKHMETOVA"),
        ("Тұмар", "", ""),
        ("Әлқуат", "", ""),
        ("Карим", "", "Төтенбай"),
        ("Тоты", "Жамулы", ""),
        ("Тоты", "", "Өтегенқызы"),
        ("Toty", "Jamkyzy", "Älibai"),
        ("Ñurbala", "", "Tilegen"),
    ],
    "ru": [
        ("Наталья", "Петровна", "Иванова"),
        ("Anna", "", "Petrova"),
        ("Любомира", "", "Вовченко"),
        ("Lubomira", "", "Vovchinskaya"),
    ],
    "uz": [
        ("Гулнора", "Бахтиёр қизи", "Каримова"),
        ("Раҳим", "Мирзо қизи", "Тоҳиров"),
        ("Рўзи", "", "Турсунов"),
        ("Oʻtbosar", "", ""),
        ("Раушан", "", "Жамзода"),
    ],
    "ky": [
        ("Өмүрбек", "", ""),
        ("Бөтүкан", "", ""),
        ("Асан", "Асан уулу", ""),
        ("Toty", "Esen uulu", ""),
        ("Тоты", "Эсен кызы", ""),
        ("Мээркан", "", "Садыкова"),
        ("Айгүл", "", "Айтматова"),
    ],
    "tg": [
        ("Ғафур", "", ""),
        ("Нурӣ", "", ""),
        ("Фирӯз", "", "Раҳимзода"),
        ("Нигина", "", "Саидова"),
        ("Таҳмина", "", ""),
    ],
    "tk": [
        ("Maral", "", "Annaýewa"),
        ("Žepbar", "", ""),
        ("Җепбар", "", ""),
        ("Toty", "", "Jamewa"),
        ("Zylyha", "Weli gyzy", ""),
        ("Älibala", "Weli ogly", ""),
        ("Дөвлетгүл", "", "Гурбангулыева"),
    ],
    # several languages, none of the six, or too little information
    "": [
        ("", "", "Қодиров"),
        ("Айгүл", "", "Иванова"),
        ("Шаҳзода", "", ""),
        ("Jennifer", "", "Smith"),
        ("فاطمة", "", ""),
        ("", "", ""),
        ("Ли", "", ""),
    ],
}


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, names in NAMES.items() for name in names])
def test_the_language_of_a_name(code: str, name: tuple[str, str, str]) -> None:
    assert detect_language(*name) == code


@pytest.mark.parametrize("script", [str.upper, str.lower])
def test_case_does_not_matter(script: Any) -> None:
    assert detect_language(script("Өмүрбек"), "", script("Ўразов")) == detect_language("Өмүрбек", "", "Ўразов")


def test_an_uzbek_tajik_or_kyrgyz_letter_is_not_taken_for_kazakh() -> None:
    assert {detect_language("", "", name) for name in ("Қодиров", "Ғафуров", "Ҳамидов", "Өмүрбеков")}.isdisjoint({"kk"})


@pytest.mark.parametrize("row", module._read_patterns(), ids=lambda row: f"{row[0]}:{row[1].pattern}")
def test_every_pattern_is_needed(row: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = [other for other in module._read_patterns() if other is not row]
    monkeypatch.setattr(module, "_read_patterns", lambda: rest)
    assert any(detect_language(*name) != code for code, names in NAMES.items() for name in names)
