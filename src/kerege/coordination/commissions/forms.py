"""Forms of commissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kerege.coordination.commissions.models import AgendaItem, Meeting
from kerege.coordination.forms import TextsForm, agencies_field, agency_field, number_field, text_field
from kerege.web.forms import CodeChoiceField, DateField, Form, offer, offer_rows


class CommissionForm(Form):
    """Form of a commission: its secretary's body, its region, its act."""

    private = False
    region = CodeChoiceField(
        "region", label=_("Region"), states=False, widget=forms.Select, empty=_("The whole country")
    )
    agency = agency_field(_("Body of the secretary"))
    act = text_field(_("Act on the commission"), required=False, most=200)


class MemberForm(Form):
    """Form of a member: a body and its post. No name of a person."""

    private = False
    agency = agency_field(_("Body"))
    post = CodeChoiceField("commission_post", label=_("Post"), required=True, states=False, widget=forms.Select)
    from_on = DateField(label=_("Since"), required=True)


class MeetingForm(TextsForm):
    """Form of a meeting, and of its minutes once it was held."""

    by_language: ClassVar = {"minutes": (_("Minutes"), 10)}
    number = text_field(_("Number of the session"), most=20)
    on = DateField(label=_("Day"), required=True, allow_future=True)
    form = CodeChoiceField("meeting_form", label=_("Form"), required=True, states=False, widget=forms.Select)
    present = number_field(_("Members present"))

    @classmethod
    def of(cls, meeting: Meeting | None, data: QueryDict | None) -> MeetingForm:
        """Return the form of a new or a stored meeting."""
        names = ("number", "on", "form", "present", "minutes")
        return cls(data, {name: getattr(meeting, name) for name in names} if meeting else {"form": "in_person"})

    def clean(self) -> dict[str, object]:
        """Accept a meeting without minutes: they come after it."""
        return Form.clean(self) or self.cleaned_data

    @property
    def values(self) -> dict[str, object]:
        """Return the column values of the meeting."""
        names = ("number", "on", "form", "present")
        return {name: self.cleaned_data[name] for name in names} | {"minutes": self.texts("minutes")}


class AgendaItemForm(TextsForm):
    """Form of an item of the agenda, with the released table that it cites."""

    by_language: ClassVar = {"titles": (_("Item of the agenda"), 0)}
    speaker = agency_field(_("Speaker"), required=False)
    cited = forms.ChoiceField(
        label=_("Table of a release"),
        required=False,
        help_text=_("Figures come from releases only. A text with a figure is refused."),
    )

    @classmethod
    def of(cls, tables: Sequence[tuple[str, str]], data: QueryDict | None) -> AgendaItemForm:
        """Return the form with the tables that can be cited."""
        form = cls(data)
        offer(form, "cited", [("", _("None")), *tables])
        return form

    @property
    def values(self) -> dict[str, object]:
        """Return the column values of the item."""
        release, _slash, table = self.cleaned_data["cited"].partition("/")
        return {
            "speaker": self.cleaned_data["speaker"],
            "release": release,
            "table": table,
            "titles": self.texts("titles"),
        }


class ResolutionForm(TextsForm):
    """Form of a decision with its bodies and its deadline."""

    by_language: ClassVar = {"texts": (_("Decision"), 4)}
    number = text_field(_("Number"), most=20)
    bodies = agencies_field(_("Responsible bodies"))
    due_on = DateField(label=_("Deadline"), required=True, allow_future=True)
    item = forms.ModelChoiceField(
        AgendaItem.objects.none(), label=_("Item of the agenda"), required=False, empty_label=_("None")
    )

    @classmethod
    def of(cls, meeting: Meeting, data: QueryDict | None) -> ResolutionForm:
        """Return the form with the items of the meeting."""
        form = cls(data)
        offer_rows(form, "item", AgendaItem.objects.filter(meeting=meeting))
        return form


class ResolutionReportForm(Form):
    """Form of a body's report on a decision."""

    private = False
    text = text_field(_("What was done"), rows=6, most=5000)
