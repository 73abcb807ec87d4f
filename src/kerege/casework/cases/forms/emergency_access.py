"""Forms of emergency access and its review."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.forms.case import LONGEST
from kerege.web.forms import CodeChoiceField, Form


class EmergencyForm(Form):
    """Form for emergency access: the case reference, the kind of emergency and the reason."""

    number = forms.CharField(
        label=_("Reference number of the case, or number of an identity document"),
        max_length=60,
        help_text=_("Exactly as written. There is no search by name here."),
    )
    kind = CodeChoiceField("emergency_kind", label=_("What has happened"), required=True, states=False)
    reason = forms.CharField(
        label=_("Why it cannot wait"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The agency of the case and the auditors read this."),
    )


class EmergencyReviewForm(Form):
    """Form of the assessment of an emergency access."""

    draft_name = "ReviewForm"
    verdict = CodeChoiceField("emergency_verdict", label=_("Your assessment"), required=True, states=False)
    comment = forms.CharField(
        label=_("Comment"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(Form):
    """Form for the reason to reveal hidden fields of a person."""

    reason = CodeChoiceField("reveal_reason", label=_("Why do you need this?"), required=True, states=False)
