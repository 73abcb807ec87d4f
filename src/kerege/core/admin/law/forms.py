"""Form of the request to confirm a fact."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.core.accounts.fact_confirmations import FactRequest
from kerege.web.forms import Form


class FactForm(Form):
    """Form of the lawyer and the document on which a confirmation rests."""

    fact = forms.CharField(widget=forms.HiddenInput, max_length=120)
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    lawyer = forms.CharField(label=_("Lawyer who read the text"), max_length=200)
    document = forms.CharField(
        label=_("Text that the lawyer read"),
        max_length=500,
        help_text=_("Number, article and day of the wording, or the letter of the ministry."),
    )

    def to_request(self) -> FactRequest:
        """Return the request from the form data."""
        data = self.cleaned_data
        return FactRequest(data["fact"], data["digest"], data["lawyer"], data["document"])
