"""Tokens in the text of a release: each figure is a token, and typed figures are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from kerege.core.authorization import Actor
from kerege.evidence.release.typed_figures import find_typed_figure
from kerege.publishing.presenters import tables
from kerege.publishing.releases import queries, text_tokens
from kerege.publishing.releases.services import check
from tests.publishing import release_driver

TYPED = {
    "In 2025 3 individuals were transgender.": "3",
    "0.1% of them": "0.1%",
    "1 891 человек": "1",
    "2025 жертв": "2025",
    "2000 victims since": "2000",
    "Ten, then ½ of it": "½",
    "٣ people": "٣",
    "about 30 may follow": "30",
    "the share is 10.20.": "10.20",
    "біз 12 адамды таптық": "12",
    "1850 people": "1850",
    "+40 since last year": "+40",
    "{{table:sex}}5": "5",
    "№ 7 женщин": "7",
    "No. 12 of them": "12",
    "статья 12 жертв": "12",
    "12:30 women": "12",
    "The total was 2024.": "2024",
    "Всего: 2024": "2024",
    "12.13.2025": "12.13",
    "45 мамыр": "45",
    "１２ of them": "１２",
    "१२ of them": "१२",
    "1\u200b2 of them": "1\u200b2",
    "⑫ of them": "⑫",
    "三 of them": "三",
    "&#53; of them": "&#53",
}
WORDS = {
    "Twelve of them are women.": "twelve",
    "one hundred and three": "hundred",
    "twenty\u2011one": "twenty",
    "ten per cent": "ten",
    "two\u00a0thirds": "two",
    "a dozen": "dozen",
    "half of them": "half",
    "every third woman": "every third",
    "one young woman": "one",
    "a couple of cases": "couple of",
    "the number doubled": "doubled",
    "t w e l v e of them": "twelve",
    "tw\u00adelve of them": "twelve",
    "two\u200bwomen": "two",
    "ｔｗｏ of them": "two",
    "тwelve of them": "twelve",  # the first letter is Cyrillic
    "Двенадцать женщин": "двенадцать",
    "двенaдцать": "двенадцать",  # one letter is Latin
    "трёх человек": "трёх",
    "из тысячи": "тысячи",
    "двое детей": "двое",
    "оба мальчика": "оба",
    "половина жертв": "половина",
    "каждый третий": "каждый третий",
    "в два раза": "два",
    "одна женщина": "одна",
    "он екі әйел": "он",
    "екi әйел": "екі",  # the last letter is Latin
    "он адам": "он",
    "бір адам": "бір",
    "жүзден астам": "жүзден",
    "үштен бірі": "үштен",
    "бесеуі": "бесеуі",
    "жартысы": "жартысы",
    "тоқсан адам": "тоқсан",
}
ALLOWED = [
    "In 2025, and from 2004 to 2025, {{table:sex}} people.",
    "On 30 July 2025 at 10:00, or 30.07.2025, or 2025-07-30.",
    "30 июля 2025 года; 30 шілде; шілденің 30-ы.",
    "Article 128 and Articles 134–135 of the Criminal Code.",
    "Статья 128, ст. 134, пункт 5.",
    "128-бап, 134-бабы.",
    "Law No. 110-VIII, Закон № 110-VIII.",
    "SDG 16.2.2, ЦУР 16.2.2, ТДМ 16.2.2.",
    "The hotline 11616 answers 24/7.",
    "{{share:sex|sex=female}} of {{table:sex}}.",
    "Nobody counts here.",
    "Заң № 110-VIII, приказ Министра № 58.",
    "1-2 May, с 1 по 12 мая.",
    "The first half of 2025, the second quarter, one of the agencies, no one.",
    "Первый квартал, второе полугодие, третий год подряд; он, она, оба пола, семью, утром, стать.",
    "Бірінші тоқсан, екінші жартыжылдық, бір жыл ішінде, оның үшін, екі жыныс, жүзеге асыру.",
    "One-stop centre, both countries.",
]


@pytest.mark.parametrize("text", TYPED)
def test_a_figure_typed_by_hand_is_found(text: str) -> None:
    assert find_typed_figure(text) == TYPED[text]


@pytest.mark.parametrize("text", WORDS)
def test_a_number_written_as_a_word_is_found(text: str) -> None:
    assert find_typed_figure(text) == WORDS[text]


@pytest.mark.parametrize("text", ALLOWED)
def test_years_dates_times_laws_and_tokens_are_allowed(text: str) -> None:
    assert find_typed_figure(text) == ""
    assert not text_tokens.has_broken_token(text)


@pytest.mark.parametrize("text", ["{{table:sex", "{{ 7|add:7 }}", "{{table:Sex}}", "table:sex}}", "{{table:sex|sex}}"])
def test_a_broken_token_is_found(text: str) -> None:
    assert text_tokens.has_broken_token(text)


@pytest.mark.django_db
class TestFilledIn:
    """Tokens filled from the tables of a release."""

    @pytest.fixture
    def analyst(self, house: Path, make_actor: Any) -> Actor:
        """Return the actor who composes."""
        return make_actor("analyst")  # type: ignore[no-any-return]

    def filled_text(self, house: Path, analyst: Actor, text: str, lang: str = "en") -> str:
        """Return a text with its tokens filled in."""
        row = release_driver.ready(
            analyst, release_driver.freeze(house), prose=dict.fromkeys(release_driver.TITLE, text)
        )
        files = queries.get_files(row)
        assert files is not None
        [words] = tables.present_texts(files, (lang,))
        return "\n".join(tables.plain_text(words))

    def test_figures_come_from_the_tables_and_a_suppressed_one_is_a_word(self, house: Path, analyst: Actor) -> None:
        text = "{{table:sex}}, {{table:sex|sex=_T}}, {{table:sex|sex=transgender}}."
        assert self.filled_text(house, analyst, text) == "213, 213, suppressed."

    def test_the_word_follows_the_language_of_the_text(self, house: Path, analyst: Actor) -> None:
        with translation.override("ru"):
            assert self.filled_text(house, analyst, "{{share:sex|sex=transgender}}", "kk") == "жасырылған"

    @pytest.mark.parametrize(
        "token", ["{{table:none}}", "{{table:sex|sex=nobody}}", "{{table:sex|region=35}}", "{{share:none|sex=male}}"]
    )
    def test_a_token_without_a_figure_keeps_the_release_a_draft(self, house: Path, analyst: Actor, token: str) -> None:
        texts = dict.fromkeys(release_driver.TITLE, f"Of {token}.")
        row = release_driver.compose(analyst, release_driver.freeze(house), prose=texts)
        check.ask_check(analyst, row)
        row.refresh_from_db()
        assert (row.state, [fault["column"] for fault in row.faults]) == ("draft", [token])

    def test_markup_in_a_text_is_escaped(self, house: Path, analyst: Actor, client: Any, sign_in: Any) -> None:
        from kerege.core.accounts.models import User

        text = "<script>alert(document)</script> {{table:sex}}"
        row = release_driver.ready(
            analyst, release_driver.freeze(house), prose=dict.fromkeys(release_driver.TITLE, text)
        )
        page = sign_in(User.objects.get(pk=analyst.user_id)).get(f"/en/work/releases/{row.pk}/").content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(document)" in page
