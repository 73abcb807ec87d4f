"""The form of the consent ledger."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.forms.shared import agencies
from kerege.casework.cases.models import Case
from kerege.core.accounts.models import Agency
from kerege.web.forms import AgencyField, CodeField, DateField, Form


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
