"""Forms for connecting other systems."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.core.integrations.scopes import EVENTS, SCOPES
from kerege.core.integrations.services import LONGEST_DAYS
from kerege.web.forms import Form


class TokenForm(Form):
    """Form for a new token."""

    name = forms.CharField(label=_("System"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=LONGEST_DAYS, initial=90)


class WebhookForm(Form):
    """Form for a new webhook address."""

    url = forms.URLField(
        label=_("Address"),
        max_length=300,
        assume_scheme="https",
        help_text=_("The system receives references, states and times, never data about a person."),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=list(EVENTS.items()), widget=forms.CheckboxSelectMultiple
    )
