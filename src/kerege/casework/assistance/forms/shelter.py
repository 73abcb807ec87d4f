"""Forms of beds and stays."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kerege.casework.assistance.models.shelter import Bed
from kerege.web.forms import CodeChoiceField, DateField, Form
from kerege.web.templatetags.kerege import code

# a number and at most one letter, so that the database holds no street and no name
NUMBER_VALIDATOR = RegexValidator(
    r"^[0-9]{1,4}[a-zA-Zа-яА-Я]?\Z", _("A number, with one letter at most, for example 12 or 3a.")
)


class BedField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choice of a free bed, labelled by room, number and kind."""

    def label_from_instance(self, obj: Any) -> str:
        return _("Room %(room)s, bed %(number)s (%(kind)s)") % {
            "room": obj.room,
            "number": obj.number,
            "kind": code(obj.kind, "bed_kind"),
        }


class StayForm(Form):
    """Form for a bed and a first day: an arrival or a change of bed."""

    bed = BedField(Bed.objects.none(), label=_("Free bed"), empty_label=_("Choose"))
    on = DateField(label=pgettext_lazy("start date", "From"), required=True)

    def __init__(self, free: QuerySet[Bed], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))
        self.fields["bed"].queryset = free  # type: ignore[attr-defined]


class LeaveForm(Form):
    """Form for the day and reason of the end of a stay."""

    on = DateField(label=_("Left on"), required=True)
    reason = CodeChoiceField("stay_end", label=_("Why"), required=True, states=("unknown",), widget=forms.Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))


class ExtendForm(Form):
    """Form for the ground and new last day of a stay."""

    reason = CodeChoiceField("extension_reason", label=_("Ground"), required=True, states=False)
    until = DateField(label=_("New last day"), required=True, allow_future=True)

    def __init__(self, longest: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"until": longest}}))


class BedForm(Form):
    """Form for a new bed."""

    room = forms.CharField(label=_("Room"), max_length=6, validators=[NUMBER_VALIDATOR])
    number = forms.CharField(label=_("Bed"), max_length=6, validators=[NUMBER_VALIDATOR])
    kind = CodeChoiceField("bed_kind", label=_("For whom"), required=True, states=False)


class BedChangeForm(Form):
    """Form for the kind of a bed and whether it is in use."""

    kind = CodeChoiceField("bed_kind", label=_("For whom"), required=True, states=False)
    active = forms.BooleanField(label=_("In use"), required=False)
