"""Forms with a text in every language of the country."""

from __future__ import annotations

from django import forms

from kerege.vocabulary.pack import using
from kerege.web.language_forms import LanguageForm, LanguageText, initial_texts
from tests.core.pages.test_shell_xanadu import XANADU


class TitleForm(LanguageForm):
    language_texts = {"title": LanguageText("Title", 20), "note": LanguageText("Note", 50, required=False, rows=3)}
    day = forms.CharField(required=False)


class DayFirstForm(TitleForm):
    field_order = ("day", "note", "title")


def test_a_form_has_a_field_for_each_language_of_the_country() -> None:
    assert list(TitleForm().fields) == ["title_kk", "title_ru", "title_en", "note_kk", "note_ru", "note_en", "day"]
    assert list(DayFirstForm().fields)[:4] == ["day", "note_kk", "note_ru", "note_en"]
    with using(XANADU):
        form = TitleForm()
        assert [field.name for field in form.texts["title"]] == ["title_tg", "title_fa", "title_en"]
        assert str(form.texts["title"][1].label) == "Title (فارسی)"
        assert 'lang="fa" dir="rtl"' in str(form["title_fa"])


def test_a_required_text_is_required_in_each_language_and_comes_back_by_language() -> None:
    with using(XANADU):
        missing = TitleForm({"title_tg": "Ном", "title_en": "Name"})
        assert set(missing.errors) == {"title_fa"}
        whole = TitleForm({"title_tg": "Ном", "title_fa": " نام ", "title_en": "Name"})
        assert whole.is_valid()
        assert whole.texts_by_language("title") == {"tg": "Ном", "fa": "نام", "en": "Name"}


def test_a_stored_text_of_another_country_fills_the_fields_that_exist() -> None:
    with using(XANADU):
        assert initial_texts("title", {"kk": "А", "en": "B"}) == {"title_tg": "", "title_fa": "", "title_en": "B"}
        assert initial_texts("title", None) == {"title_tg": "", "title_fa": "", "title_en": ""}
