"""Forms of services. No field asks for a status, a citizenship or a criminal case."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.forms.shared import agencies
from kerege.core.accounts.models import Agency
from kerege.web.forms import AgencyField, CodeField, DateField, Form

BEGUN = {"ongoing", "completed", "interrupted"}


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
