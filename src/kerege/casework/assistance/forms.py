"""Forms of assistance. No field asks for a status, a citizenship or a criminal case."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.models import Consent
from kerege.casework.assistance.queries import usable_consents
from kerege.casework.cases.models import Case
from kerege.core.accounts.models import Agency
from kerege.standard.profile import active
from kerege.web.forms import AgencyField, CodeField, DateField, Form
from kerege.web.templatetags.kerege import code, day, language

LONGEST = 20_000
BEGUN = {"ongoing", "completed", "interrupted"}


class ConsentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A consent by its purpose, recipient and day."""

    def label_from_instance(self, obj: Any) -> str:
        who = obj.recipient.name if obj.recipient else _("any agency")
        return f"{code(obj.purpose, 'consent_purpose')}, {who}, {day(obj.on)}"


def agencies(besides: Agency | None = None) -> Any:
    """Agencies that take part, without one."""
    rows = Agency.objects.filter(active=True)
    return rows.exclude(pk=besides.pk) if besides else rows


class ServiceForm(Form):
    """One service: kind, provider, payer and days."""

    kind = CodeField("service", label=_("Service"), required=True, states=False)
    status = CodeField("service_status", label=_("State"), required=True, states=False)
    provider = AgencyField(
        Agency.objects.none(), label=_("Who provides it"), required=False, empty_label=_("Not recorded")
    )
    payer = CodeField("payer", label=_("Who pays"), states=("unknown",))
    requested_on = DateField(label=_("Requested on"))
    started_on = DateField(label=_("Began on"))
    ended_on = DateField(label=_("Ended on"))

    def __init__(self, agency: Agency, *args: Any, **kwargs: Any) -> None:
        first = {"status": "ongoing", "provider": agency, "payer": "state", "started_on": timezone.localdate()}
        super().__init__(*args, **(kwargs | {"initial": first}))
        self.fields["provider"].queryset = agencies()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A service that has begun has a day, and does not end before it."""
        data = super().clean() or self.cleaned_data
        begun, ended = data.get("started_on"), data.get("ended_on")
        if data.get("status") in BEGUN and not begun and "started_on" not in self.errors:
            self.add_error("started_on", _("Enter the day on which it began, or choose that it is requested."))
        if begun and ended and ended < begun:
            self.add_error("ended_on", _("The service ends before it began. Correct one of the two days."))
        return data


class EndServiceForm(Form):
    """How a service ended."""

    status = CodeField("service_status", label=_("State"), required=True, states=False)
    on = DateField(label=_("Since"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"status": "completed", "on": timezone.localdate()}}))
        ending = [pair for pair in self.fields["status"].choices if pair[0] in {"completed", "declined", "interrupted"}]  # type: ignore[attr-defined]
        self.fields["status"].choices = ending  # type: ignore[attr-defined]


class ConsentForm(Form):
    """An entry of the consent ledger. A refusal is an entry too."""

    given = forms.TypedChoiceField(
        label=_("Answer of the person"),
        choices=[("yes", _("Agrees")), ("no", _("Refuses"))],
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )
    purpose = CodeField("consent_purpose", label=_("What for"), required=True, states=False)
    recipient = AgencyField(
        Agency.objects.none(), label=_("For whom"), required=False, empty_label=_("No particular agency")
    )
    categories = CodeField("data_category", multiple=True, label=_("Which data"), states=False)
    on = DateField(label=_("Asked on"), required=True)
    until = DateField(label=_("Until, if limited"), allow_future=True)
    language = CodeField("language", label=_("Language of the explanation"), widget=forms.Select, states=False)
    manner = CodeField("consent_manner", label=_("How"), states=False)
    by_guardian = forms.BooleanField(label=_("Given by a guardian"), required=False)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))
        self.fields["recipient"].queryset = agencies(case.agency)  # type: ignore[attr-defined]


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
