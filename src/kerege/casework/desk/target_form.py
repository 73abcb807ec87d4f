"""Form of a target."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.casework.awareness.forms import build_number_field
from kerege.casework.desk.models import Target, TargetFigure
from kerege.casework.desk.targets import TargetDraft
from kerege.web.forms import DateField, Form, MonthField


class TargetForm(Form):
    """Form to set the target of a figure from a month on."""

    private = False
    figure = forms.ChoiceField(label=_("Figure"), choices=TargetFigure.choices)
    direction = forms.ChoiceField(
        label=_("The figure should be"), choices=Target.Direction.choices, widget=forms.RadioSelect, initial="at_least"
    )
    value = build_number_field(
        _("Number in a month, or percent"), _("Leave empty to end the target of the figure from this month on.")
    )
    from_month = MonthField(label=_("From the month"), max_length=7, help_text=_("For example 2027-07."))
    source = forms.CharField(
        label=_("Source"), max_length=300, help_text=_("Plan or order that sets the number. The minister reads it.")
    )
    source_on = DateField(label=_("Day of the source"), required=True)
    reason = forms.CharField(
        label=_("Reason for the change"),
        max_length=500,
        required=False,
        help_text=_("Needed when the figure has had a target before. The minister reads it."),
    )

    @property
    def draft(self) -> TargetDraft:
        """Return the target as the form describes it."""
        return TargetDraft(**self.cleaned_data)
