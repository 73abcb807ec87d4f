"""Forms of justice officers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.web.forms import CodeField, DateField, Form


class CrimeForm(Form):
    """A recorded crime in the count of one source."""

    source = CodeField("crime_source", label=_("In whose count"), required=True, states=False)
    register_number = forms.CharField(
        label=_("Register number"), required=False, max_length=40, help_text=_("Stands once in the count of a source.")
    )
    offence = CodeField("offence", label=_("Article"), required=True, states=False, widget=forms.Select)
    registered_on = DateField(label=_("Registered on"), required=True)
    region = CodeField("region", label=_("Region"), states=("unknown",), widget=forms.Select)
    stage = CodeField("crime_stage", label=_("Stage"), required=True, states=False, widget=forms.Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        first = {"source": "mia", "stage": "registered", "registered_on": timezone.localdate()}
        super().__init__(*args, **(kwargs | {"initial": first}))


class StageForm(Form):
    """The next stage of the proceedings."""

    stage = CodeField("crime_stage", label=_("Stage"), required=True, states=False, widget=forms.Select)
    on = DateField(label=_("Since"), required=True)


class CrimeFilterForm(Form):
    """Filters of the list of crimes."""

    source = CodeField("crime_source", label=_("Count of"), states=False, widget=forms.Select, empty=_("All"))
    offence = CodeField("offence", label=_("Article"), states=False, widget=forms.Select, empty=_("All"))
    stage = CodeField("crime_stage", label=_("Stage"), states=False, widget=forms.Select, empty=_("All"))
