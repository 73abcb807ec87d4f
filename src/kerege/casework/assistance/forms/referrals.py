"""Forms of referrals."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.forms.shared import LONGEST, ConsentField, agencies
from kerege.casework.assistance.models import Consent
from kerege.casework.assistance.queries import usable_consents
from kerege.casework.cases.models import Case
from kerege.core.accounts.models import Agency
from kerege.standard.profile import active
from kerege.web.forms import AgencyField, CodeField, DateField, Form
from kerege.web.templatetags.kerege import code, language


class ReferralForm(Form):
    """To an agency's inbox: which services, on which basis, until when an answer is due."""

    to_agency = AgencyField(Agency.objects.none(), label=_("To which agency"), empty_label=_("Choose"))
    services = CodeField("service", multiple=True, label=_("Services asked for"), required=True, states=False)
    consent = ConsentField(
        Consent.objects.none(),
        label=_("Consent of the person"),
        required=False,
        empty_label=_("None: a legal basis instead"),
    )
    legal_basis = forms.ChoiceField(label=_("Legal basis, without consent"), required=False)
    urgency = CodeField("urgency", label=_("Urgency"), required=True, states=False)
    due_on = DateField(label=_("Answer due by"), required=True, allow_future=True)
    message = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stored encrypted. The other agency reads it."),
    )

    def __init__(self, case: Case, due_on: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"urgency": "normal", "due_on": due_on}}))
        self.fields["to_agency"].queryset = agencies(case.agency)  # type: ignore[attr-defined]
        self.fields["consent"].queryset = usable_consents(case)  # type: ignore[attr-defined]
        bases = [(basis.id, basis.title.in_language(language())) for basis in active().sharing_bases]
        self.fields["legal_basis"].choices = [("", _("None")), *bases]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A referral rests on one of the two."""
        data = super().clean() or self.cleaned_data
        if not data.get("consent") and not data.get("legal_basis"):
            self.add_error("consent", _("Choose a consent, or a legal basis below."))
        return data


class AnswerForm(Form):
    """What the receiving agency answers."""

    status = forms.ChoiceField(label=_("Answer"), widget=forms.RadioSelect)
    reason = CodeField("decline_reason", label=_("Reason, if you decline"), states=False)

    def __init__(self, possible: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [(s, code(s, "referral_status")) for s in possible]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A refusal has a reason, so that the sender can find another way."""
        data = super().clean() or self.cleaned_data
        if data.get("status") == "declined" and not data.get("reason"):
            self.add_error("reason", _("Choose why, so that the sender can find another way."))
        return data
