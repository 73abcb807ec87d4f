"""The form of the consent ledger."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.forms.form_fields import list_agencies
from kerege.casework.cases.models.case import Case
from kerege.core.accounts.models import Agency
from kerege.web.forms import AgencyField, CodeChoiceField, DateField, Form

NAME = 200


class ConsentForm(Form):
    """Form for an entry of the consent ledger. A refusal is an entry too."""

    explained = CodeChoiceField("consent_point", multiple=True, label=_("What was explained"), states=False)
    given = forms.TypedChoiceField(
        label=_("Answer of the person"),
        choices=[("yes", _("Agrees")), ("no", _("Refuses"))],
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )
    purpose = CodeChoiceField("consent_purpose", label=_("Purpose"), widget=forms.Select, required=True, states=False)
    recipient = AgencyField(
        Agency.objects.none(), label=_("For whom"), required=False, empty_label=_("No particular agency")
    )
    categories = CodeChoiceField("data_category", multiple=True, label=_("Which data"), states=False)
    on = DateField(label=_("Asked on"), required=True)
    until = DateField(label=_("Until, if limited"), allow_future=True)
    language = CodeChoiceField("language", label=_("Language of the explanation"), widget=forms.Select, states=False)
    interpreter = forms.BooleanField(label=_("Through an interpreter"), required=False)
    manner = CodeChoiceField("consent_manner", label=_("How"), states=False)
    witness = forms.CharField(
        label=_("Witness"), required=False, max_length=NAME, help_text=_("Stored encrypted. Needed for an oral answer.")
    )
    by_guardian = forms.BooleanField(label=_("Given by a guardian"), required=False)
    guardian = forms.CharField(
        label=_("Name of the guardian"), required=False, max_length=NAME, help_text=_("Stored encrypted.")
    )
    guardian_relation = CodeChoiceField(
        "guardian_relation", label=_("Relation to the child"), widget=forms.Select, states=False
    )
    child_assent = CodeChoiceField("answer", label=_("The child agrees too"), states=False)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        initial = {"on": timezone.localdate()} | kwargs.pop("initial", {})
        super().__init__(*args, **kwargs, initial=initial)
        self.fields["recipient"].queryset = list_agencies(case.agency)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Require a witness for an oral answer, a relation for a guardian, and days in order."""
        data = super().clean() or self.cleaned_data
        if data.get("manner") == "oral_with_witness" and not data.get("witness"):
            self.add_error("witness", _("Write who was present."))
        if data.get("until") and data.get("on") and data["until"] < data["on"]:
            self.add_error("until", _("The consent ends before it begins. Correct one of the two days."))
        if data.get("by_guardian") and not data.get("guardian_relation"):
            self.add_error("guardian_relation", _("Choose who spoke for the child."))
        return data
