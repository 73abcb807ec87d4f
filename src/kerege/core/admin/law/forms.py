"""Forms of the requests to confirm and to correct a fact."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.core.accounts.fact_confirmations import FactRequest
from kerege.core.accounts.fact_corrections import CorrectionDraft
from kerege.core.admin.law import fact_fields
from kerege.vocabulary import confirmations, corrections
from kerege.vocabulary.profile import ProfileFact
from kerege.web.forms import DateField, Form


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


class CorrectionForm(Form):
    """Form of the corrected value and source of a fact, with a field for each part of the value."""

    base = forms.CharField(widget=forms.HiddenInput, max_length=64)
    source = forms.CharField(
        label=_("Source"),
        max_length=500,
        help_text=_("Act, article and day of the wording, or the letter of the ministry."),
    )
    from_on = DateField(
        label=_("Valid from"),
        required=True,
        allow_future=True,
        help_text=_("A deadline that began before this day keeps its earlier term."),
    )
    lawyer = forms.CharField(
        label=_("Lawyer who read the text"),
        max_length=200,
        required=False,
        help_text=_("Without a lawyer the fact stays marked as not confirmed."),
    )
    document = forms.CharField(label=_("Text that the lawyer read"), max_length=500, required=False)

    def __init__(self, data: QueryDict | None, fact: ProfileFact) -> None:
        self.path, self.parts = fact.path, fact_fields.list_parts(corrections.values_of(fact.fact))
        initial: dict[str, object] = {
            "base": confirmations.digest_of(fact.fact),
            "source": fact.source,
            "from_on": timezone.localdate(),
        }
        super().__init__(data, initial=initial | {part.name: part.text for part in self.parts})
        for part in self.parts:
            self.fields[part.name] = part.build_field()
        self.order_fields([part.name for part in self.parts])

    def draft(self) -> CorrectionDraft:
        """Return the correction from the form data."""
        data = self.cleaned_data
        first_day: date = data["from_on"]
        return CorrectionDraft(
            path=self.path,
            base=data["base"],
            values=fact_fields.join_parts(self.parts, data),
            source=data["source"],
            from_on=first_day,
            lawyer=data["lawyer"],
            document=data["document"],
        )
