"""Forms to compose, approve and withdraw a release."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.base.multilingual_titles import NAME
from kerege.core.accounts.models import User
from kerege.evidence.release.typed_figures import find_typed_figure
from kerege.publishing.releases import text_tokens
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services.deputies import MAY_BE
from kerege.publishing.storage.source_snapshots import SnapshotInfo
from kerege.vocabulary import snapshot_columns as schema
from kerege.vocabulary.profile import active
from kerege.web.forms import ColleagueField, DateField, Form, offer_rows
from kerege.web.language_forms import LanguageForm, LanguageText, fields_of, initial_texts
from kerege.web.partial_dates import clock, with_time, words
from kerege.web.templatetags.kerege import language, number

PERIOD = re.compile(r"\d{4}([-/][A-Za-z0-9-]{1,12})?")
HOUR = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
# A list offers this many snapshots of a unit; an older one stays when it is chosen.
NEWEST = 8


def checked_text(text: str) -> str:
    """Return a public text. Raises ValidationError for figures typed by hand and for broken tokens."""
    if text_tokens.has_broken_token(text):
        raise ValidationError(_("A token is not closed or not known. Copy it from the list below."))
    if figure := find_typed_figure(text):
        message = _("“%(figure)s” is a figure typed by hand. Use its token, or write the sentence without a figure.")
        raise ValidationError(message, params={"figure": figure})
    return text


class NamedPartForm(LanguageForm):
    """Form for a part of a release, with a short name, and a title in all languages or in none."""

    def clean_name(self) -> str:
        """Return a safe file name, or ''."""
        name = str(self.cleaned_data["name"]).strip()
        if name and not NAME.fullmatch(name):
            raise ValidationError(_("Use small letters, digits, - and _, at most 64."))
        return name

    def check_title(self) -> None:
        """Add an error for each language that a title lacks, and for each title with a typed figure."""
        titles = self.texts_by_language("title")
        for lang, title in titles.items():
            try:
                checked_text(title)
            except ValidationError as error:
                self.add_error(f"title_{lang}", error)
        if any(titles.values()) and not all(titles.values()):
            for lang in (lang for lang, title in titles.items() if not title):
                self.add_error(f"title_{lang}", _("Write it in this language too."))


def text_area(label: Any, **options: Any) -> forms.CharField:
    """Return a field for a text of a few lines."""
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 3}), **options)


class AboutForm(LanguageForm):
    """Form for title, period, threshold and embargo; for a correction also the public note."""

    language_texts = {"title": LanguageText(_("Title"), 200), "note": LanguageText(_("Correction"), 1000, rows=3)}
    period = forms.CharField(
        label=_("Period"), max_length=17, help_text=_("The year, such as 2025, or a part of it, such as 2025-H1.")
    )
    threshold = forms.IntegerField(
        label=_("Smallest count that is shown"),
        min_value=5,
        max_value=1000,
        initial=10,
        help_text=_("Smaller counts are protected. The threshold is never below 5."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    embargo_on = DateField(
        label=_("Day of publication"), allow_future=True, help_text=_("Leave it empty to publish on approval.")
    )
    embargo_hour = forms.CharField(label=_("Hour"), required=False, max_length=5, help_text=_("For example 10:00."))

    def __init__(self, row: Release | None, *args: Any, **kwargs: Any) -> None:
        self.corrects = row is not None and row.revises_id is not None
        super().__init__(*args, **(kwargs | {"initial": self._initial(row)}))
        for field, _tag in fields_of("note"):
            if not self.corrects:
                del self.fields[field]

    def _initial(self, row: Release | None) -> dict[str, Any]:
        if row is None:
            return {"threshold": active().threshold}
        spec, at = row.spec, timezone.localtime(row.embargo_at) if row.embargo_at else None
        fields = {"period": row.period, "threshold": spec.get("threshold", active().threshold)}
        embargo = {"embargo_on": at.date(), "embargo_hour": clock(at)} if at else {}
        return (
            fields
            | embargo
            | initial_texts("title", spec.get("title"))
            | initial_texts("note", spec.get("revision_note"))
        )

    def clean_period(self) -> str:
        """Return a year or a part of a year."""
        period = str(self.cleaned_data["period"]).strip()
        if not PERIOD.fullmatch(period):
            raise ValidationError(_("Write a year with four digits, for example 2025."))
        return period

    def clean_embargo_hour(self) -> time | None:
        """Return the time of day, or None."""
        text = str(self.cleaned_data["embargo_hour"]).strip()
        if text and not HOUR.fullmatch(text):
            raise ValidationError(_("Write the hour as 10:00."))
        hour, _sign, minute = text.replace(".", ":").partition(":")
        return time(int(hour), int(minute)) if text else None

    def clean(self) -> dict[str, Any]:
        """Check that the day and the hour come together and that no note holds a typed figure."""
        data = super().clean() or self.cleaned_data
        if (data.get("embargo_hour") is None) != (data.get("embargo_on") is None) and not self.errors:
            self.add_error("embargo_hour", _("Give day and hour, or neither."))
        for name in [name for name in self.fields if name.startswith("note_")]:
            try:
                checked_text(str(data.get(name) or ""))
            except ValidationError as error:
                self.add_error(name, error)
        return data

    @property
    def embargo_at(self) -> datetime | None:
        """Return the end of the embargo, or None."""
        on, at = self.cleaned_data.get("embargo_on"), self.cleaned_data.get("embargo_hour")
        return timezone.make_aware(datetime.combine(on, at)) if isinstance(on, date) and at is not None else None

    @property
    def specification(self) -> dict[str, Any]:
        """Return these parts of the specification."""
        data = self.cleaned_data
        fields = {"title": self.texts_by_language("title"), "period": data["period"], "threshold": data["threshold"]}
        return fields | ({"revision_note": self.texts_by_language("note")} if self.corrects else {})


class DataForm(Form):
    """Choice of one snapshot for each unit that is counted."""

    private = False

    def __init__(self, snapshots: Iterable[SnapshotInfo], names: Iterable[str], *args: Any, **kwargs: Any) -> None:
        snapshots, names = list(snapshots), set(names)
        initial = {f"of_{snapshot.unit}": snapshot.name for snapshot in snapshots if snapshot.name in names}
        super().__init__(*args, **(kwargs | {"initial": initial}))
        for unit in schema.units():
            offered = [snapshot for snapshot in snapshots if snapshot.unit == unit]
            choosable = [snapshot for n, snapshot in enumerate(offered) if n < NEWEST or snapshot.name in names]
            if choosable:
                choices = [
                    ("", _("Not counted")),
                    *((snapshot.name, snapshot_text(snapshot)) for snapshot in choosable),
                ]
                title = schema.unit(unit).titles[language()]
                self.fields[f"of_{unit}"] = forms.ChoiceField(label=title, choices=choices, required=False)

    @property
    def names(self) -> list[str]:
        """Return the chosen file names."""
        return [value for name, value in self.cleaned_data.items() if name.startswith("of_") and value]


def snapshot_text(snapshot: SnapshotInfo) -> str:
    """Return a snapshot in words: reference date, number of rows, time of writing."""
    facts = {"day": words(snapshot.as_of), "rows": number(snapshot.rows), "made": with_time(snapshot.made_at)}
    return str(_("as of %(day)s · rows: %(rows)s · taken %(made)s") % facts)


class TablesForm(Form):
    """Choice among the prepared tables, unit by unit."""

    private = False

    def __init__(
        self, offered: dict[str, list[tuple[str, str]]], chosen_names: set[str], *args: Any, **kwargs: Any
    ) -> None:
        initial = {
            f"of_{unit}": [name for name, _title in tables if name in chosen_names] for unit, tables in offered.items()
        }
        super().__init__(*args, **(kwargs | {"initial": initial}))
        for unit, tables in offered.items():
            self.fields[f"of_{unit}"] = forms.MultipleChoiceField(
                label=schema.unit(unit).titles[language()],
                choices=tables,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    @property
    def names(self) -> list[str]:
        """Return the names of the chosen tables."""
        return [name for chosen in self.cleaned_data.values() for name in chosen]


class TextForm(LanguageForm):
    """Form for the text of a release in every language."""

    language_texts = {"prose": LanguageText(_("Text"), 6000, required=False, rows=10)}

    def clean(self) -> dict[str, Any]:
        """Check that figures are tokens, and that the text exists in all languages or in none."""
        data = super().clean() or self.cleaned_data
        for name in [name for name in self.fields if data.get(name)]:
            try:
                checked_text(data[name])
            except ValidationError as error:
                self.add_error(name, error)
        if any(data.get(name) for name in self.fields):
            for name in [name for name in self.fields if not data.get(name) and name not in self.errors]:
                self.add_error(name, _("Write it in this language too."))
        return data


class ApproveForm(Form):
    """Form to approve exactly the draft that was read."""

    private = False
    draft = forms.CharField(widget=forms.HiddenInput, max_length=64)
    known_read = forms.BooleanField(
        label=_("I have read the disclosures from figures that are already public"), required=False
    )


class WithdrawForm(LanguageForm):
    """Form for the public reason of a withdrawal, in every language."""

    language_texts = {"reason": LanguageText(_("Reason"), 1000, rows=3)}

    def clean(self) -> dict[str, Any]:
        """Check that the public reason holds no typed figure."""
        data = super().clean() or self.cleaned_data
        for name in [name for name in self.fields if data.get(name)]:
            try:
                checked_text(data[name])
            except ValidationError as error:
                self.add_error(name, error)
        return data


class DeputyForm(Form):
    """Form to appoint a deputy: the user and the days."""

    private = False
    user = ColleagueField(label=_("Deputy"), queryset=User.objects.none(), empty_label=_("Choose"))
    from_on = DateField(label=_("First day"), required=True, allow_future=True)
    until_on = DateField(label=_("Last day"), required=True, allow_future=True)

    def __init__(self, excluded_user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = User.objects.filter(is_active=True, assignments__role__in=MAY_BE).exclude(pk=excluded_user)
        offer_rows(self, "user", rows.distinct().order_by("full_name"))
