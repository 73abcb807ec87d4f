"""Form fields: unknown stays unknown, faults have a message, answer states are a separate group."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import Http404, QueryDict
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from kerege.casework.cases.forms.case import FilterField
from kerege.core.accounts.models import Agency
from kerege.vocabulary import codes
from kerege.vocabulary.pack import find_pack, using
from kerege.vocabulary.pack.pack import read_pack
from kerege.web import govuk_fields
from kerege.web.form_renderer import FormRenderer
from kerege.web.forms import (
    AgencyField,
    CodeChoiceField,
    DateField,
    Form,
    PartialDateField,
    _sorted_codes,
    pressed_button,
)
from kerege.web.partial_dates import PartialDate, iso, with_time, words
from kerege.web.templatetags.kerege import clock, date_time


class Sample(Form):
    sex = CodeChoiceField("sex", label="Sex")
    means = CodeChoiceField("means", multiple=True, label="Means")
    born = PartialDateField(label="Born", help_text="As far as known.")
    secret = forms.CharField(label="Alias", required=False)


def filled(**data: Any) -> Sample:
    form = Sample(data)
    form.is_valid()
    return form


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        (("", "", ""), None),
        (("", "", "1998"), PartialDate(date(1998, 1, 1), "year")),
        (("", "3", "1998"), PartialDate(date(1998, 3, 1), "month")),
        (("27", "03", "1998"), PartialDate(date(1998, 3, 27), "day")),
    ],
)
def test_a_date_keeps_its_precision(typed: tuple[str, str, str], known: PartialDate | None) -> None:
    form = filled(born_day=typed[0], born_month=typed[1], born_year=typed[2])
    assert form.cleaned_data["born"] == known


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        (("31", "2", "1998"), "real"),
        (("5", "", "1998"), "order"),
        (("5", "3", ""), "order"),
        (("x", "3", "1998"), "number"),
        (("1", "1", "98"), "year"),
        (("1", "1", "2999"), "year"),
        (("٣", "", "²"), "number"),
    ],
)
def test_an_invalid_date_is_refused_with_its_reason(typed: tuple[str, str, str], fault: str) -> None:
    form = filled(born_day=typed[0], born_month=typed[1], born_year=typed[2])
    assert form.has_error("born", fault)


def test_a_date_in_the_future_is_refused_unless_it_is_a_plan() -> None:
    tomorrow = date.today() + timedelta(days=1)
    typed = [str(tomorrow.day), str(tomorrow.month), str(tomorrow.year)]
    with pytest.raises(forms.ValidationError, match="future"):
        DateField().clean(typed)
    assert DateField(allow_future=True).clean(typed) == tomorrow


def test_a_partial_date_returns_to_its_three_inputs() -> None:
    form = Sample(initial={"born": (date(1998, 3, 1), "month")})
    parts = govuk_fields.field_context(form["born"])["parts"]
    assert [part["value"] for part in parts] == [None, "3", "1998"]


def test_codes_are_in_the_active_language_with_answer_states_apart() -> None:
    for language in ("kk", "ru", "en"):
        with translation.override(language):
            groups = govuk_fields.field_context(Sample()["sex"])["groups"]
            labels = {str(option["value"]): option["label"] for group in groups for option in group["options"]}
            answer_states = [
                str(option["value"]) for group in groups if group["answers"] for option in group["options"]
            ]
        assert labels["female"] == codes.label("sex", "female", language)
        assert answer_states == ["unknown", "not_asked", "refused"]


def test_not_recorded_unknown_and_refused_are_different_answers() -> None:
    assert filled(sex="").cleaned_data["sex"] == ""
    assert filled(sex="unknown").cleaned_data["sex"] == "unknown"
    assert filled(sex="refused").cleaned_data["sex"] == "refused"
    assert filled(sex="martian").has_error("sex", "invalid_choice")


def test_an_answer_state_excludes_codes() -> None:
    assert filled(means=["force", "fraud"]).cleaned_data["means"] == ["force", "fraud"]
    assert filled(means=["unknown"]).cleaned_data["means"] == ["unknown"]
    assert filled(means=["force", "unknown"]).has_error("means", "mixed")


def test_a_short_list_has_radio_buttons_and_a_long_list_a_select() -> None:
    assert isinstance(CodeChoiceField("sex").widget, forms.RadioSelect)
    assert type(CodeChoiceField("country").widget) is forms.Select


def test_the_browser_is_asked_to_remember_nothing_about_a_person() -> None:
    html = str(Sample())
    assert html.count('autocomplete="off"') >= 4
    assert 'autocomplete="on"' not in html


def test_hints_and_errors_are_tied_to_their_field() -> None:
    form = filled(born_day="31", born_month="2", born_year="1998")
    html = govuk_fields.render_field(form["born"])
    assert 'aria-describedby="id_born_helptext id_born_error"' in html
    assert 'id="id_born_helptext"' in html
    assert 'id="id_born_error"' in html
    assert 'href="#id_born_day"' in govuk_fields.render_errors(form)


def test_typed_input_is_shown_escaped() -> None:
    form = filled(secret='"><script>alert(1)</script>\u202e', sex="x")
    html = str(form)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\u202e" in html


@pytest.mark.parametrize(
    ("language", "expected"),
    [("kk", "1998 ж. 3 наурыз"), ("ru", "3 марта 1998 г."), ("en", "3 March 1998")],
)
def test_dates_follow_the_language(language: str, expected: str) -> None:
    with translation.override(language):
        assert words(date(1998, 3, 3)) == expected
        assert words(date(1998, 1, 1), "year") == "1998"
    assert iso(date(1998, 3, 1), "month") == "1998-03"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("kk", "2026 ж. 29 қараша, 00:05"), ("ru", "29 ноября 2026 г., 00:05"), ("en", "29 November 2026, 00:05")],
)
def test_times_follow_the_language_and_the_clock_of_the_programme(language: str, expected: str) -> None:
    moment = timezone.make_aware(datetime(2026, 11, 29, 0, 5, 17)).astimezone(UTC)
    with translation.override(language):
        assert date_time(moment) == with_time(moment) == expected
        assert date_time(moment, "seconds") == f"{expected}:17"
        assert clock(moment) == "00:05"
        assert date_time(None) == clock(None) == ""


@pytest.mark.parametrize(
    ("language", "first", "others"),
    [
        ("kk", ["Қазақстан", "Қырғызстан", "Қытай"], ["АҚШ-тың Виргин аралдары", "АҚШ-тың сыртқы кіші аралдары"]),
        ("ru", ["Казахстан", "Китай", "Кыргызстан"], ["Австралия", "Австрия"]),
        ("en", ["China", "Kazakhstan", "Kyrgyzstan"], ["Afghanistan", "Åland Islands"]),
    ],
)
def test_countries_are_sorted_by_name_with_neighbours_first(language: str, first: list[str], others: list[str]) -> None:
    with translation.override(language):
        groups = dict(pair for pair in CodeChoiceField("country").choices if isinstance(pair[1], list))
        near, far, _apart = groups.values()
    assert [label for _code, label in near][:3] == first
    assert [label for _code, label in far][:2] == others
    assert (
        len({code for code, _label in [*near, *far]}) == len(near) + len(far) == len(codes.code_list("country").codes)
    )


@pytest.mark.django_db
def test_agencies_are_sorted_by_name_in_the_active_language(make_agency: Any) -> None:
    for code, kk in (("a", "Өскемен"), ("b", "Астана"), ("c", "Әлем"), ("d", "Қарағанды")):
        agency = make_agency(code)
        agency.names["kk"] = kk
        agency.save()
    field = AgencyField(Agency.objects.all(), empty_label="–")
    with translation.override("kk"):
        assert [label for _pk, label in field.choices] == ["–", "Астана", "Әлем", "Қарағанды", "Өскемен"]


TEXTS = st.text("aб 1<>&\"'", max_size=4)
VALUES = st.one_of(TEXTS, st.integers(), st.none())
OPTIONS = st.lists(st.one_of(st.tuples(VALUES, TEXTS), st.tuples(TEXTS, st.lists(st.tuples(VALUES, TEXTS)))))


@given(
    options=OPTIONS,
    value=st.lists(VALUES, max_size=3),
    attributes=st.dictionaries(st.text("ab-<", min_size=1), st.one_of(TEXTS, st.booleans())),
    multiple=st.booleans(),
)
def test_a_select_element_is_what_djangos_templates_write(
    options: Any, value: list[Any], attributes: dict[str, Any], multiple: bool
) -> None:
    widget = (forms.SelectMultiple if multiple else forms.Select)(attributes, options)
    written, expected = (
        widget.render("a<b", value, renderer=renderer()) for renderer in (FormRenderer, DjangoTemplates)
    )
    assert written.split("\n") == [line for line in expected.split("\n") if line]


def test_forms_write_a_select_element_without_a_template() -> None:
    class Choice(forms.Form):
        country = forms.ChoiceField(choices=[("KZ", "Kazakhstan")])

    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("a template was used")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DjangoTemplates, "render", refuse)
        assert '<option value="KZ">Kazakhstan</option>' in Choice()["country"].as_widget()


class Place(Form):
    region = CodeChoiceField("region", label="Region")


@pytest.fixture
def divided_region(tmp_path: Path) -> Iterator[None]:
    """Use a pack in which the region `old` was divided, and `later` does not exist yet."""
    source = find_pack("kz").folder
    shutil.copytree(str(source), tmp_path / "pack")
    rows = "code,parent,htcds,from,until,succeeds,old_records,label:kk,label:ru,label:en\n" + "\n".join(
        (
            "old,KZ,,,2022-06-07,,,а,а,Old",
            "new,KZ,,2022-06-08,,old,ask,б,б,New",
            "later,KZ,,2999-01-01,,,,в,в,Later",
        )
    )
    (tmp_path / "pack" / "lists" / "region.csv").write_text(rows, encoding="utf-8")
    _sorted_codes.cache_clear()
    with using(read_pack(tmp_path / "pack", "folder")):
        yield
    _sorted_codes.cache_clear()


@pytest.mark.usefixtures("divided_region")
def test_a_retired_code_is_offered_only_where_the_record_has_it() -> None:
    with translation.override("en"):
        assert [code for code, _label in Place().fields["region"].choices][:-1] == ["", "new"]
        edited = Place({"region": "old"}, initial={"region": "old"})
        assert edited.is_valid()
        assert edited.cleaned_data["region"] == "old"
        assert "divided" in str(edited.fields["region"].help_text)
        assert not Place({"region": "old"}).is_valid()


@pytest.mark.usefixtures("divided_region")
def test_a_filter_offers_retired_codes_too() -> None:
    with translation.override("en"):
        assert {code for code, _label in FilterField("region").choices} == {"", "old", "new", "later"}


@pytest.mark.django_db
def test_a_required_list_begins_with_a_word_and_not_with_dashes() -> None:
    class Choice(Form):
        agency = AgencyField(Agency.objects.none(), label="Agency")
        other = AgencyField(Agency.objects.none(), label="Other", required=False)

    with translation.override("ru"):
        first, other = (str(Choice()[name]) for name in ("agency", "other"))
    assert "Выберите" in first
    assert "---" not in first
    assert "Выберите" not in other


def test_a_button_of_the_page_is_read_by_its_value_or_name_and_any_other_is_refused() -> None:
    assert pressed_button(QueryDict("do=return"), "accept", "return") == "return"
    assert pressed_button(QueryDict("give=1"), "give", "refuse") == "give"
    for forged in ("", "do=", "do=erase&return=1", "do=Return", "refused=1"):
        with pytest.raises(Http404):
            pressed_button(QueryDict(forged), "accept", "return")
