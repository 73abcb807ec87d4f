"""Forms of handovers and transfer requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.services.handovers import list_receiving_agencies
from kerege.core.accounts.models import Agency
from kerege.web.forms import AgencyField, CodeChoiceField, Form


class CaseloadForm(Form):
    """Form for the cases to hand over and the receiving agency."""

    to_agency = AgencyField(Agency.objects.none(), label=_("To which agency"), empty_label=_("Choose"))
    worker = forms.ChoiceField(label=_("Whose cases"), required=False)

    def __init__(self, sender: Agency, workers: Sequence[tuple[str, str]] | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_agency"].queryset = list_receiving_agencies().exclude(pk=sender.pk)  # type: ignore[attr-defined]
        if workers is None:
            del self.fields["worker"]  # a single case needs no choice of worker
            return
        choices = [("", _("All cases of the agency")), ("none", _("Cases without a caseworker")), *workers]
        self.fields["worker"].choices = choices  # type: ignore[attr-defined]


class HandoverAnswerForm(Form):
    """Form for the reason with which the receiver declines."""

    decline_reason = CodeChoiceField(
        "decline_reason", label=_("Reason, if you decline"), states=False, widget=forms.Select, empty=_("Choose")
    )


class TransferForm(Form):
    """Form for what is known of a person whom another agency may help. Nothing typed is stored."""

    key = CodeChoiceField("transfer_key", label=_("What do you know?"), required=True, states=False)
    text = forms.CharField(
        label=_("The number, or the name"), max_length=200, help_text=_("Exactly as written in the document.")
    )
    birth_year = forms.CharField(
        label=_("Year of birth"), required=False, max_length=4, help_text=_("Needed with a name.")
    )
    urgency = CodeChoiceField("urgency", label=_("Urgency"), required=True, states=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"urgency": "normal"} | (kwargs.get("initial") or {})}))

    def clean(self) -> dict[str, Any]:
        """Require a birth year with a name, because a name alone does not identify one person."""
        data = super().clean() or self.cleaned_data
        year = str(data.get("birth_year") or "").strip()
        if data.get("key") == "name" and not (year.isdecimal() and 1900 < int(year) <= timezone.localdate().year):
            self.add_error("birth_year", _("Write the year of birth with four digits."))
        data["birth_year"] = year
        return data


class EndTransferForm(Form):
    """Form for the reason why no transfer follows. The asking agency does not see it."""

    reason = CodeChoiceField("transfer_end", label=_("Why no transfer follows"), required=True, states=False)
