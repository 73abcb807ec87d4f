"""Forms of services. They do not ask for a status, a citizenship or a criminal case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kerege.casework.assistance.forms.form_fields import GoalField, build_remark_field, list_agencies
from kerege.casework.assistance.models.plans import Goal
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services.provision import get_usual_payer
from kerege.casework.cases.models.case import Case
from kerege.core.accounts.models import Agency
from kerege.web.forms import AgencyField, CodeChoiceField, DateField, Form

BEGUN = {"ongoing", "completed", "interrupted"}
ENDS = {"completed", "declined", "interrupted"}
NO_PROVIDER = _("Choose who provides it: the service has begun.")
NO_PAYER = _("Choose who pays: the service has begun.")


def list_open_goals(case: Case) -> Any:
    """Return the open goals of the running plan."""
    rows = Goal.objects.filter(plan__case=case, plan__ended_on=None, ended_on=None)
    return rows.select_related("text__data_key")


def list_missing_parties(service: Service) -> list[str]:
    """Return which of provider and payer a service lacks; imported and planned services may lack them."""
    return [name for name in ("provider", "payer") if not getattr(service, name)]


class PartiesForm(Form):
    """Form for provider and payer of a service: required once it has begun, optional before."""

    provider = AgencyField(list_agencies(), label=_("Provider"), required=False, empty_label=_("Not recorded"))
    payer = CodeChoiceField(
        "payer",
        label=_("Who pays"),
        states=("unknown",),
        help_text=_("Help does not wait for a payer: an empty field is filled in from the provider."),
    )

    def check_parties(self, data: dict[str, Any], provider: Agency | None, begun: bool) -> None:
        """Fill in the usual payer, and add an error for each party that a begun service lacks."""
        if "payer" in self.fields:
            data["payer"] = data.get("payer") or propose_payer(provider)
        for name, message in (("provider", NO_PROVIDER), ("payer", NO_PAYER)):
            if begun and name in self.fields and not data.get(name) and name not in self.errors:
                self.add_error(name, message)


class MissingPartiesForm(PartiesForm):
    """Form that asks only for the provider and payer that a service lacks."""

    def __init__(self, service: Service, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = service
        for name in {"provider", "payer"} - set(list_missing_parties(service)):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Require both parties, because the service has begun or begins with this form."""
        data = super().clean() or self.cleaned_data
        self.check_parties(data, data.get("provider") or self.service.provider, begun=True)
        return data


def propose_payer(provider: Agency | None) -> str:
    """Return the usual payer; empty when the profile does not know it, so that the user must choose."""
    payer = get_usual_payer(provider)
    return "" if payer == "unknown" else payer


class ServiceForm(PartiesForm):
    """Form for one service: kind, goal, status, provider, payer and days."""

    kind = CodeChoiceField("service", label=_("Service"), required=True, states=False)
    goal = GoalField(
        Goal.objects.none(), label=_("For which goal"), required=False, empty_label=_("No goal of the plan")
    )
    status = CodeChoiceField("service_status", label=_("State"), required=True, states=False)
    field_order = ("kind", "goal", "status", "provider", "payer")
    requested_on = DateField(label=_("Requested on"))
    started_on = DateField(label=_("Began on"))
    ended_on = DateField(label=_("Ended on"))

    def __init__(self, agency: Agency, case: Case | None = None, *args: Any, **kwargs: Any) -> None:
        initial = {
            "status": "ongoing",
            "provider": agency,
            "payer": propose_payer(agency),
            "started_on": timezone.localdate(),
        }
        super().__init__(*args, **(kwargs | {"initial": initial}))
        if case is None or not list_open_goals(case).exists():
            del self.fields["goal"]
        else:
            self.fields["goal"].queryset = list_open_goals(case)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Require a first day for a begun service, and days in order."""
        data = super().clean() or self.cleaned_data
        begun, ended = data.get("started_on"), data.get("ended_on")
        if data.get("status") in BEGUN and not begun and "started_on" not in self.errors:
            self.add_error("started_on", _("Enter the day on which it began, or choose that it is requested."))
        if begun and ended and ended < begun:
            self.add_error("ended_on", _("The service ends before it begins. Correct one of the two days."))
        self.check_parties(data, data.get("provider"), begun=data.get("status") in BEGUN)
        return data


class EndServiceForm(Form):
    """Form for the end or the interruption of a service."""

    status = CodeChoiceField("service_status", label=_("State"), required=True, states=False)
    on = DateField(label=_("Since"), required=True)
    outcome = CodeChoiceField("service_outcome", label=_("Outcome, if the service is completed"), states=("unknown",))
    reason = CodeChoiceField(
        "service_end_reason", label=_("Why, if it was declined or interrupted"), states=False, widget=forms.Select
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"status": "completed", "on": timezone.localdate()}}))
        ending = [pair for pair in self.fields["status"].choices if pair[0] in ENDS]  # type: ignore[attr-defined]
        self.fields["status"].choices = ending  # type: ignore[attr-defined]
        # only the closure of the case sets this reason
        reasons = [pair for pair in self.fields["reason"].choices if pair[0] != "case_closed"]  # type: ignore[attr-defined]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Clear the reason of a completed service, and the outcome of every other."""
        data = super().clean() or self.cleaned_data
        unwanted = "reason" if data.get("status") == "completed" else "outcome"
        return data | {unwanted: ""}


class BeginServiceForm(MissingPartiesForm):
    """Form for the day from which a service is given or resumed."""

    on = DateField(label=pgettext_lazy("start date", "From"), required=True)
    field_order = ("on", "provider", "payer")

    def __init__(self, service: Service, *args: Any, **kwargs: Any) -> None:
        super().__init__(service, *args, **(kwargs | {"initial": {"on": timezone.localdate()}}))


class DeliveryForm(MissingPartiesForm):
    """Form for a delivery on a day."""

    on = DateField(label=_("Day"), required=True)
    kind = CodeChoiceField("delivery_kind", label=_("What was given"), required=True, states=False, widget=forms.Select)
    units = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=500,
        initial=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    remark = build_remark_field()
    field_order = ("on", "kind", "units", "remark", "provider", "payer")

    def __init__(self, service: Service, *args: Any, **kwargs: Any) -> None:
        kind = "lesson" if service.kind == "education" else "goods" if service.kind == "material_aid" else "session"
        initial = {"on": timezone.localdate(), "kind": kind, "units": 1}
        super().__init__(service, *args, **(kwargs | {"initial": initial}))


class ServiceGoalForm(Form):
    """Form for the goal that a service works for."""

    goal = GoalField(
        Goal.objects.none(), label=_("For which goal"), required=False, empty_label=_("No goal of the plan")
    )

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["goal"].queryset = list_open_goals(case)  # type: ignore[attr-defined]
