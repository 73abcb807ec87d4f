"""Romanisation: the printed examples of each standard, letter by letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerege.linkage.names.romanisation import common_names, romanise, schemes

PRINTED = [
    # examples of PCGN's tables for the six languages
    ("bgn_kk", "Жезқазған", "Zhezqazghan"),
    ("bgn_kk", "Байқоңыр", "Bayqongyr"),
    ("bgn_kk", "Көкшетау", "Kökshetaū"),
    ("bgn_kk", "Мичурино", "Mīchūrīno"),
    ("bgn_kk", "Нұр-Сұлтан", "Nur-Sultan"),
    ("bgn_ky", "Жалал-Абад", "Jalal-Abad"),
    ("bgn_ky", "Сүлүктү", "Sülüktü"),
    ("bgn_ky", "Каныш-Кыя", "Kanysh-Kyya"),
    ("uz_latin1995", "Қорақишлоқ", "Qoraqishloq"),
    ("uz_latin1995", "Ғозғон", "Gʻozgʻon"),
    ("uz_latin1995", "Етимоғ", "Yetimogʻ"),
    ("uz_latin1995", "Жўш", "Joʻsh"),
    ("uz_latin1995", "Исҳоқ", "Isʼhoq"),
    ("bgn_tg", "Хуҷанд", "Khujand"),
    ("bgn_tg", "Қарокӯл", "Qarokŭl"),
    ("bgn_tg", "Роштқалъа", "Roshtqal’a"),
    ("bgn_tg", "Самончӣ", "Samonchí"),
    ("tk_latin1999", "Түркменбашы", "Türkmenbaşy"),
    ("tk_latin1999", "Ныязов", "Nyýazow"),
    ("tk_latin1999", "Ёлөтен", "Ýolöten"),
    ("tk_latin1999", "Чаршаңңы", "Çarşaňňy"),
    # Russian, by each standard
    ("icao9303", "Юлия Щеглова", "Iuliia Shcheglova"),
    ("icao9303", "Ян Разъездной", "Ian Razieezdnoi"),
    ("icao9303", "ИГОРЬ ИЛЬИН", "IGOR ILIN"),
    ("gost52535", "Цветкова", "Tcvetkova"),
    ("passport1997", "Васильева Андрей Видный", "Vasilyeva Andrey Vidnyy"),
    ("passport_french", "Шухов Джумабаева", "Choukhov Djoumabaeva"),
    ("passport_french", "Оксана Снегирёва", "Oxana Sneguireva"),
    ("passport_french", "Юрий Васин", "Iourii Vassine"),
    ("bgn_ru", "Мейеровка Юрьев Елизово", "Meyyerovka Yur’yev Yelizovo"),
    ("bgn_ru", "Озёрный Ёдва", "Ozërnyy Yëdva"),
    ("gost779b", "ещё французских", "eshhyo franczuzskix"),
    ("iso9", "Әділет Щукин Юля", "A̋dìlet Ŝukin Ûlâ"),
    ("scholarly", "Юлия Щукин", "Julija Ščukin"),
    ("ala_lc", "Андрей", "Andreĭ"),
    ("german", "Чехов Хрущёв Евгений", "Tschechow Chruschtschjow Jewgeni"),
    ("polish", "Чехов Щербаков Лев", "Czechow Szczerbakow Lew"),
    ("turkish", "Нұржан", "Nurcan"),
    # the alphabets of Kazakh
    ("kk_latin2021", "Шыңғыс Әуезов", "Şyñğys Äuezov"),
    ("kk_latin2018", "Сәуле", "Sáýle"),
    ("kk_latin2017", "Айгүл Шыңғыс", "Ai'gu'l S'yn'g'ys"),
    ("kk_qazaqparat", "Дәурен", "Däwren"),
    ("kk_arabic", "Нұрлан", "نۇرلان"),
    ("kk_arabic", "Әсет", "اسەت"),
    ("kk_arabic", "Әділ", "ٴادىل"),
    ("russified", "Ғалымжан Ләззат", "Галымжан Ляззат"),
    ("russified_dj", "Жұмабаев", "Джумабаев"),
]


@pytest.mark.parametrize(("scheme", "name", "latin"), PRINTED)
def test_printed_examples_of_a_standard_are_reproduced(scheme: str, name: str, latin: str) -> None:
    assert romanise(name, scheme) == latin


def test_every_scheme_names_its_source_and_has_letters() -> None:
    for scheme in schemes().values():
        assert scheme.source
        assert scheme.languages
        assert romanise("Айша Шара", scheme.name) != ""


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(KeyError):
        romanise("Айгүл", "none")


def test_common_names_are_romanised_completely() -> None:
    for name in common_names():
        for scheme in schemes().values():
            if name.language in scheme.languages and not scheme.name.startswith("russified"):
                latin = romanise(name.name, scheme.name)
                assert not any("\u0400" <= c <= "\u04ff" for c in latin), (name, scheme.name, latin)


def test_each_language_has_400_different_names() -> None:
    for language in ("kk", "ru", "uz", "ky", "tg", "tk"):
        names = [n.name for n in common_names() if n.language == language]
        assert len(names) == len(set(names)) == 400


@given(st.text(max_size=40), st.sampled_from(sorted(schemes())))
def test_any_text_can_be_romanised(text: str, scheme: str) -> None:
    romanise(text, scheme)
