"""Forms of the release calendar: an announcement, and a new date with its public reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.publishing.composer.forms import HOUR, PERIOD, checked_text, text_area
from kerege.publishing.releases.calendar_models import EarlySight
from kerege.publishing.releases.services.announce import Announcement
from kerege.web.forms import DateField, MonthField
from kerege.web.language_forms import LanguageForm, LanguageText

READER = re.compile(r"(?P<name>[^;]{1,200});\s*(?P<hours>\d{1,3})")


class ReleaseDateForm(LanguageForm):
    """Form for the date of a release: the month, or the day and the minute."""

    month = MonthField(label=_("Month"), required=False, max_length=7, help_text=_("For example 2027-07."))
    day = DateField(label=_("Day"), allow_future=True, help_text=_("From four weeks before, the day is public."))
    hour = forms.CharField(label=_("Hour"), required=False, max_length=5, help_text=_("For example 10:00."))

    def clean_hour(self) -> time | None:
        """Return the time of day, or None."""
        text = str(self.cleaned_data["hour"]).strip()
        if text and not HOUR.fullmatch(text):
            raise ValidationError(_("Write the hour as 10:00."))
        hour, _sign, minute = text.replace(".", ":").partition(":")
        return time(int(hour), int(minute)) if text else None

    def clean(self) -> dict[str, object]:
        """Check that there is a month or a minute, and that no public text holds a typed figure."""
        data = super().clean() or self.cleaned_data
        if (data.get("hour") is None) != (data.get("day") is None) and not self.errors:
            self.add_error("hour", _("Give day and hour, or neither."))
        if data.get("month") is None and data.get("day") is None and not self.errors:
            self.add_error("month", _("Give the month, or day and hour."))
        for name in [name for name in self.fields if name.startswith(("why_", "title_"))]:
            try:
                checked_text(str(data.get(name) or ""))
            except ValidationError as error:
                self.add_error(name, error)
        return data

    @property
    def at(self) -> datetime | None:
        """Return the minute, or None."""
        day, hour = self.cleaned_data.get("day"), self.cleaned_data.get("hour")
        return timezone.make_aware(datetime.combine(day, hour)) if isinstance(day, date) and hour is not None else None

    @property
    def first_of_month(self) -> date:
        """Return the first day of the month."""
        month: date = self.cleaned_data.get("month") or self.cleaned_data["day"]
        return month.replace(day=1)


class NewDateForm(ReleaseDateForm):
    """Form for a new date of an announced release, and for the reason of a moved date."""

    language_texts = {"why": LanguageText(_("Reason for the new date"), 1000, required=False, rows=3)}
    field_order = ("month", "day", "hour", "why")

    @property
    def why(self) -> Mapping[str, str]:
        """Return the public reason by language."""
        return self.texts_by_language("why")


class AnnouncementForm(ReleaseDateForm):
    """Form to announce a release."""

    language_texts = {"title": LanguageText(_("Title"), 200)}
    period = forms.CharField(
        label=_("Period"), max_length=17, help_text=_("The year, such as 2025, or a part of it, such as 2025-H1.")
    )
    early_sight = text_area(
        _("Who sees it before the public"),
        required=False,
        max_length=2000,
        help_text=_("One reader a line: name; hours. For example: Minister; 24. The list is public."),
    )
    field_order = ("title", "period", "month", "day", "hour", "early_sight")

    def clean_period(self) -> str:
        """Return a year or a part of a year."""
        period = str(self.cleaned_data["period"]).strip()
        if not PERIOD.fullmatch(period):
            raise ValidationError(_("Write a year with four digits, for example 2025."))
        return period

    def clean_early_sight(self) -> list[EarlySight]:
        """Return the readers with their hours."""
        lines = [line.strip() for line in str(self.cleaned_data["early_sight"]).splitlines() if line.strip()]
        matches = [READER.fullmatch(line) for line in lines]
        if not all(matches):
            raise ValidationError(_("Write each line as: name; hours."))
        return [{"name": match["name"].strip(), "hours": int(match["hours"])} for match in matches if match]

    @property
    def announcement(self) -> Announcement:
        """Return the announcement."""
        data = self.cleaned_data
        title = self.texts_by_language("title")
        return Announcement(title, data["period"], self.first_of_month, self.at, data["early_sight"])
