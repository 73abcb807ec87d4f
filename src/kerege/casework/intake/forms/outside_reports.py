"""Forms of an initial report by a body without an account: public form, and entry of a paper."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kerege.casework.intake.forms.signals import list_receivers
from kerege.casework.intake.services.outside_reports import OutsideDraft, list_sender_kinds
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active
from kerege.web.forms import AgencyField, CodeChoiceField, DateField, Form
from kerege.web.templatetags.kerege import language as current_language

LONGEST_TEXT = 5000


def _labels(kinds: list[str]) -> list[tuple[str, str]]:
    return [(kind, codes.label("agency_kind", kind, current_language())) for kind in kinds]


def _sender_choices() -> list[tuple[str, object]]:
    return [("", _("Choose")), *_labels(list_sender_kinds())]


def _receiver_choices() -> list[tuple[str, str]]:
    return _labels(active().initial_report.receivers)


class OutsideReportForm(Form):
    """Fields that the public form and the paper form share."""

    sender_kind = forms.ChoiceField(label=_("Your organisation is"), choices=_sender_choices)
    name = forms.CharField(label=_("Name of the organisation"), max_length=200)
    contact = forms.CharField(
        label=_("How you can be reached"), max_length=200, help_text=_("A telephone number or an e-mail address.")
    )
    region = CodeChoiceField(
        "region", label=_("Region where the person is"), required=True, states=False, widget=forms.Select
    )
    urgency = CodeChoiceField("urgency", label=_("Urgency"), required=True, states=False, widget=forms.Select)
    suspected_form = CodeChoiceField(
        "exploitation_form", label=_("What you suspect"), states=("unknown",), widget=forms.Select
    )
    people = forms.IntegerField(
        label=_("Number of people"),
        required=False,
        min_value=1,
        max_value=1000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    language = CodeChoiceField("language", label=_("Language they speak"), states=("unknown",), widget=forms.Select)
    narrative = forms.CharField(
        label=_("What you saw or heard, and where the person can be met safely"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Stored encrypted. Only the agency that should act can read it."),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"urgency": "normal"})

    def draft(self) -> OutsideDraft:
        """Return the report from the form data."""
        return OutsideDraft(**{name: self.cleaned_data[name] for name in OutsideReportForm.base_fields})


class PublicReportForm(OutsideReportForm):
    """Public form of an initial report; a receiver other than the police can be chosen."""

    receiver = forms.ChoiceField(label=_("Who should act"), choices=_receiver_choices)
    field_order = ("sender_kind", "name", "contact", "region", "receiver")

    def draft(self) -> OutsideDraft:
        """Return the report from the form data."""
        report = super().draft()
        report.receiver = self.cleaned_data["receiver"]
        return report


class PaperReportForm(OutsideReportForm):
    """Entry of a paper form, with the day of its arrival and the agency that should act."""

    to_agency = AgencyField(list_receivers(), label=_("Agency that should act"), empty_label=_("Choose"))
    received_on = DateField(label=_("Day on which the paper arrived"), required=True)
    field_order = ("received_on", "to_agency", "sender_kind", "name", "contact", "region")
