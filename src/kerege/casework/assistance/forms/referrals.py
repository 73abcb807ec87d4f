"""Forms of referrals."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.base.collation import sort_key
from kerege.base.errors import BadInput
from kerege.casework.assistance.forms.form_fields import MAX_TEXT_LENGTH, ConsentField, list_agencies
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries import provider_directory
from kerege.casework.assistance.queries.referrals import usable_consents
from kerege.casework.assistance.services.referral_responses import Answer
from kerege.casework.assistance.services.referrals import ReferralDraft, check_basis
from kerege.casework.cases.models.case import Case
from kerege.core.accounts.models import Agency, User
from kerege.vocabulary.profile import active
from kerege.web.forms import AgencyField, CodeChoiceField, ColleagueField, DateField, Form
from kerege.web.templatetags.kerege import code, language

WORKERS = ("caseworker", "supervisor", "identifying_officer")


class ReceivingAgencyField(AgencyField):
    """Choice of an agency, the most suitable first, with the services that it offers."""

    def label_from_instance(self, obj: Any) -> str:
        """Return name, region and services where they were looked up, else the name."""
        return str(getattr(obj, "words", obj.name))


class ReferralForm(Form):
    """Form of a referral: services, agency, consent or legal basis, data categories, urgency, message."""

    services = CodeChoiceField("service", multiple=True, label=_("Services asked for"), required=True, states=False)
    to_agency = ReceivingAgencyField(Agency.objects.none(), label=_("To which agency"), empty_label=_("Choose"))
    consent = ConsentField(
        Consent.objects.none(),
        label=_("Consent of the person"),
        required=False,
        empty_label=_("None: a legal basis instead"),
    )
    legal_basis = forms.ChoiceField(label=_("Legal basis, without consent"), required=False)
    categories = CodeChoiceField(
        "data_category", multiple=True, label=_("Data that the other agency will see"), states=False
    )
    urgency = CodeChoiceField("urgency", label=_("Urgency"), required=True, states=False)
    message = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stored encrypted. The other agency reads it."),
    )

    def __init__(
        self, case: Case, *args: Any, kinds: Collection[str] = (), previous: Referral | None = None, **kwargs: Any
    ) -> None:
        consents = usable_consents(case)
        rows = provider_directory.rank_agencies(
            kinds, case.region, {case.agency_id, *provider_directory.list_asked_agencies(previous)}
        )
        kwargs["initial"] = _build_initial(rows, list(consents), kinds, previous) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["to_agency"].queryset = list_agencies(case.agency)  # type: ignore[attr-defined]
        self.fields["to_agency"].choices = _build_agency_choices(rows)  # type: ignore[attr-defined]
        self.fields["consent"].queryset = consents  # type: ignore[attr-defined]
        bases = [(basis.id, basis.title.in_language(language())) for basis in active().sharing_bases]
        self.fields["legal_basis"].choices = [("", _("None")), *bases]  # type: ignore[attr-defined]
        categories: Any = self.fields["categories"]
        categories.choices = [pair for pair in categories.choices if pair[0] != "notes"]
        self.case = case

    def clean(self) -> dict[str, Any]:
        """Require a consent or a legal basis, and check that it covers the referral."""
        data = super().clean() or self.cleaned_data
        if not data.get("consent") and not data.get("legal_basis"):
            self.add_error("consent", _("Choose a consent, or a legal basis below."))
        elif data.get("to_agency"):
            try:
                check_basis(self.draft(data))
            except BadInput as error:
                for fault in error.faults:
                    self.add_error("consent", f"{_(fault.what)}: {_(fault.todo)}.")
        return data

    def draft(self, data: dict[str, Any], previous: Referral | None = None) -> ReferralDraft:
        """Return the draft of the referral. A consent replaces the legal basis."""
        names = ("to_agency", "services", "consent", "legal_basis", "categories", "urgency", "message")
        values = {name: data.get(name) for name in names}
        if values["consent"]:
            values["legal_basis"] = ""
        return ReferralDraft(case=self.case, previous=previous, **values)  # type: ignore[arg-type]


class ShareForm(ReferralForm):
    """Form to share a case with an agency without a request: agency, basis, data categories."""

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(case, *args, **kwargs)
        for name in ("services", "urgency", "message"):
            del self.fields[name]

    def draft(self, data: dict[str, Any], previous: Referral | None = None) -> ReferralDraft:
        """Return the draft as a referral without services or message."""
        return super().draft(data | {"services": [], "urgency": "normal", "message": ""}, previous)


def _build_initial(
    rows: list[provider_directory.SuitableAgency],
    consents: list[Consent],
    kinds: Collection[str],
    previous: Referral | None,
) -> dict[str, Any]:
    """Return initial values with which the form can be sent unchanged."""
    best = rows[0].agency if rows and rows[0].offers else None
    consent = next((c for c in consents if c.recipient_id and (best is None or c.recipient_id == best.pk)), None)
    consent = consent or next((c for c in consents if c.recipient_id is None), None)
    if consent and consent.recipient_id and best is None:
        best = consent.recipient
    initial: dict[str, Any] = {"urgency": "normal", "services": list(kinds), "to_agency": best, "consent": consent}
    initial["categories"] = consent.categories if consent else []
    if previous is not None:
        initial["urgency"] = previous.urgency
        if consent is None and previous.legal_basis:
            initial |= {"legal_basis": previous.legal_basis, "categories": previous.categories}
    return initial


def _build_agency_choices(rows: list[provider_directory.SuitableAgency]) -> list[Any]:
    suitable = [(row.agency.pk, _label_agency(row)) for row in rows if row.offers]
    other_rows = sorted((row for row in rows if not row.offers), key=lambda row: sort_key(row.agency.name, language()))
    other_choices = [(row.agency.pk, _label_agency(row)) for row in other_rows]
    groups = [(_("Offer these services"), suitable), (_("Other agencies"), other_choices)]
    return [("", _("Choose")), *(group for group in groups if group[1])]


def _label_agency(row: provider_directory.SuitableAgency) -> str:
    return row.words if row.agency.accepting else f"{row.words} · {_('no places now')}"


class ReferralAnswerForm(Form):
    """Form for the answer of the receiving agency."""

    draft_name = "AnswerForm"
    status = forms.ChoiceField(label=_("Answer"), widget=forms.RadioSelect)
    reason = CodeChoiceField("decline_reason", label=_("Reason, if you decline"), widget=forms.Select, states=False)
    outcome = CodeChoiceField(
        "referral_outcome", label=_("How it ended, if it is completed"), widget=forms.Select, states=False
    )
    delivered = CodeChoiceField("service", multiple=True, label=_("Services given"), states=False)
    ended_on = DateField(label=_("Ended on"))
    reply = forms.CharField(
        label=_("Message to the sender"),
        required=False,
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stored encrypted. The sending agency reads it."),
    )

    def __init__(self, referral: Referral, possible: list[str], *args: Any, **kwargs: Any) -> None:
        initial = {"ended_on": timezone.localdate(), "delivered": referral.services}
        super().__init__(*args, **kwargs, initial=initial)
        self.fields["status"].choices = [(s, code(s, "referral_status")) for s in possible]  # type: ignore[attr-defined]
        if "completed" not in possible:
            for name in ("outcome", "delivered", "ended_on"):
                del self.fields[name]
        if "declined" not in possible:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        """Require a reason to decline and an outcome to complete, so that the sender knows what follows."""
        data = super().clean() or self.cleaned_data
        if data.get("status") == "declined" and not data.get("reason"):
            self.add_error("reason", _("Choose why, so that the sender can find another way."))
        if data.get("status") == "completed" and not data.get("outcome"):
            self.add_error("outcome", _("Choose how it ended, so that the sender knows."))
        return data

    def answer(self) -> Answer:
        """Return the content that goes back to the sender."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "status" and value}
        return Answer(**values)


class WithdrawReferralForm(Form):
    """Form for the sender's reason to withdraw. The other agency does not see it."""

    reason = CodeChoiceField("referral_withdrawal", label=_("Why it is withdrawn"), required=True, states=False)


class AssignReferralForm(Form):
    """Form to choose the colleague who answers."""

    user = ColleagueField(User.objects.none(), label=_("Colleague"), empty_label=_("Choose"))

    def __init__(self, agency: Agency, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, assignments__agency=agency, assignments__role__in=WORKERS)
        self.fields["user"].queryset = staff.distinct().order_by("full_name")  # type: ignore[attr-defined]


class InboxForm(Form):
    """Filters of the inbox. They are codes only, so a URL may contain them."""

    mine = forms.BooleanField(label=_("Mine or unassigned"), required=False)
    late = forms.BooleanField(label=_("Only late ones"), required=False)
    urgency = CodeChoiceField("urgency", label=_("Urgency"), widget=forms.Select, states=False, empty=_("All"))
    service = CodeChoiceField("service", label=_("Service"), widget=forms.Select, states=False, empty=_("All"))


class OfferForm(Form):
    """Form for the services that an agency offers to others, and whether it accepts referrals."""

    services = CodeChoiceField("service", multiple=True, label=_("Services that others may ask you for"), states=False)
    accepting = forms.BooleanField(label=_("We have places now"), required=False)
