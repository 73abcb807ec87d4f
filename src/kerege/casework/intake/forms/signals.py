"""Forms of signals: send one, and look one up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kerege.core.accounts.models import Agency
from kerege.web.forms import AgencyField, CodeChoiceField, Form

# kinds of agency that receive signals, because they can protect a person today
RECEIVERS = ("crisis_centre", "ngo", "internal_affairs", "social_protection", "international_organisation")


def list_receivers() -> QuerySet[Agency]:
    """Return the active agencies that receive signals."""
    return Agency.objects.filter(active=True, kind__in=RECEIVERS)


class SignalForm(Form):
    """Form for a signal. Only the receiving agency, the channel and the urgency are required."""

    to_agency = AgencyField(list_receivers(), label=_("Agency that should act"), empty_label=_("Choose"))
    channel = CodeChoiceField(
        "signal_channel", label=_("How you received the information"), required=True, states=False, widget=forms.Select
    )
    urgency = CodeChoiceField("urgency", label=_("Urgency"), required=True, states=False)
    caller = CodeChoiceField("caller_kind", label=_("Source of the information"))
    anonymous = forms.BooleanField(label=_("The source wants to stay anonymous"), required=False)
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
    region = CodeChoiceField("region", label=_("Region"), states=False, widget=forms.Select)
    language = CodeChoiceField("language", label=_("Language they speak"), states=("unknown",), widget=forms.Select)
    narrative = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Stored encrypted. Only the agency that should act can read it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"urgency": "normal"}}))


class LookUpForm(Form):
    """Form to look up a signal by its reference."""

    reference = forms.CharField(
        label=_("Reference of a signal"), max_length=40, widget=forms.TextInput(attrs={"placeholder": "S-7KQ2-M4XD"})
    )
