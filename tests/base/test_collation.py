"""Words sort in the alphabetical order of each language."""

from __future__ import annotations

import pytest

from kerege.base.collation import sort_key


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("kk", ["Ауғанстан", "Әзербайжан", "Бразилия", "Гана", "Ғана", "Иран", "Йемен", "Кения", "Қазақстан", "Нигер",
                "Оман", "Өзбекстан", "Уганда", "Ұлыбритания", "Үндістан", "Чад", "Ыстамбұл", "Ірі"]),
        ("ru", ["Алжир", "Белиз", "Египет", "Ель", "Ёлка", "Жаворонок", "Иран", "Йемен", "Кения"]),
        ("en", ["Aland", "Åland Islands", "Albania", "Côte d’Ivoire", "Croatia", "Türkiye", "Turkmenistan"]),
    ],
)  # fmt: skip
def test_letters_sort_in_alphabetical_order(lang: str, words: list[str]) -> None:
    assert sorted(words, key=lambda word: sort_key(word, lang)) == words


def test_capitals_and_signs_do_not_change_the_order() -> None:
    assert sort_key("ҚАЗАҚСТАН", "kk") == sort_key("қазақстан", "kk")
    assert sort_key("Гвинея", "ru") < sort_key("Гвинея-Бисау", "ru") < sort_key("Гвинеяа", "ru")


ORDERS = {
    "ky": "Нарын Ноокат Ош Өзгөн Талас Тоң Түп Үч-Терек",
    "tg": "Ванҷ Варзоб Ғонч Дарвоз Исфара Кӯлоб Қубодиён Ховалинг Ҳисор Чоркӯҳ Ҷайҳун",
    "uz-Cyrl": "Хива Чирчиқ Шовот Яйпан Ўртачирчиқ Қарши Ғиждувон Ҳазорасп",
    "uz-Latn": "Guliston Nukus Olmaliq Samarqand Zomin O‘zgan G'ijduvon Shovot Chust",
    "tk": "Balkan Çärjew Daşoguz Lebap Ňew Serdar Şatlyk",
    "fa": "آمل بلخ پکتیا تخار چابهار زابل ژاله کابل گرگان هرات یزد",
}


@pytest.mark.parametrize("lang", ORDERS)
def test_letters_of_the_neighbours_sort_in_their_order(lang: str) -> None:
    words = ORDERS[lang].split()
    assert sorted(set(words), key=lambda word: sort_key(word, lang)) == words
