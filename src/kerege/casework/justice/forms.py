"""Forms of justice officers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kerege.casework.justice.models import CaseLink, Compensation, ProtectionMeasure
from kerege.casework.justice.services import NEXT_STAGES
from kerege.vocabulary.profile import active
from kerege.web import money
from kerege.web.forms import CodeChoiceField, DateField, Form, offer
from kerege.web.templatetags.kerege import half_year, language


class CrimeForm(Form):
    """Form of a recorded crime in the count of one source."""

    source = CodeChoiceField("crime_source", label=_("Counting body"), required=True, states=False)
    register_number = forms.CharField(
        label=_("Register number"), required=False, max_length=40, help_text=_("Counted once by each counting body.")
    )
    offence = CodeChoiceField("offence", label=_("Article"), required=True, states=False, widget=forms.Select)
    registered_on = DateField(label=_("Registered on"), required=True)
    region = CodeChoiceField("region", label=_("Region"), states=("unknown",), widget=forms.Select)
    stage = CodeChoiceField("crime_stage", label=_("Stage"), required=True, states=False, widget=forms.Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        first = {"source": active().main_source, "stage": "registered", "registered_on": timezone.localdate()}
        super().__init__(*args, **(kwargs | {"initial": first}))


class StageForm(Form):
    """Form of the next stage of the proceedings; a step back needs a reason."""

    stage = CodeChoiceField("crime_stage", label=_("Stage"), required=True, states=False, widget=forms.Select)
    on = DateField(label=_("Since"), required=True)
    correction = CodeChoiceField(
        "stage_correction",
        label=_("Reason, if this is a correction or a step back"),
        states=False,
        widget=forms.Select,
        empty=_("No correction"),
    )

    def __init__(self, stage: str, *args: Any, **kwargs: Any) -> None:
        following = NEXT_STAGES.get(stage, set())
        first = next((code for code in ("investigation", "in_court", "convicted") if code in following), stage)
        super().__init__(*args, **(kwargs | {"initial": {"stage": first, "on": timezone.localdate()}}))


class SuspectForm(Form):
    """Form of a suspect, in codes; no name is stored."""

    roles = CodeChoiceField("suspect_role", multiple=True, label=_("Role"))
    sex = CodeChoiceField("sex", label=_("Sex"))
    age_band = CodeChoiceField("age_band", label=_("Age"), widget=forms.Select)
    citizenship = CodeChoiceField("country", label=_("Citizenship"), widget=forms.Select)
    organised_group = CodeChoiceField(
        "answer",
        label=_("Belongs to an organised group"),
        states=False,
        help_text=_("An unknown value stays unknown: it is counted separately."),
    )
    stage = CodeChoiceField("crime_stage", label=_("Stage"), states=False, widget=forms.Select)
    on = DateField(label=_("At this stage since"))
    sanction = CodeChoiceField("sanction", label=_("Sanction"), states=("unknown",), widget=forms.Select)
    correction = CodeChoiceField(
        "stage_correction",
        label=_("Reason, if the stage is a correction or a step back"),
        states=False,
        widget=forms.Select,
        empty=_("No correction"),
    )


class HearingForm(Form):
    """Form of a planned hearing."""

    kind = CodeChoiceField("hearing_kind", label=_("Kind of hearing"), required=True, states=False)
    on = DateField(label=_("Day"), required=True, allow_future=True)


class HearingStateForm(Form):
    """Form of the state of a hearing."""

    state = CodeChoiceField("hearing_state", label=_("State"), required=True, states=False)


def offer_links(form: Form, links: Sequence[tuple[str, CaseLink]]) -> None:
    """Offer the linked persons of a crime by case reference; choose the only one, remove an empty field."""
    if not links:
        del form.fields["link"]
        return
    if len(links) == 1:
        form.initial.setdefault("link", links[0][1].pk)
    field = cast("forms.ModelChoiceField[CaseLink]", form.fields["link"])
    field.queryset = CaseLink.objects.filter(pk__in=[link.pk for _reference, link in links])
    labels = [(link.pk, reference or _("The basis of this link has ended.")) for reference, link in links]
    field.choices = [("", _("No linked case")), *labels]


def _stored_values(form: type[Form], row: ProtectionMeasure | Compensation) -> dict[str, object]:
    values = {name: getattr(row, name) for name in form.base_fields}
    return {name: _without_zeros(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _without_zeros(amount: Decimal) -> Decimal:
    """Return an amount without decimals if it is whole: a currency may have none."""
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount


class ProtectionForm(Form):
    """Form of a protection measure: asked for, decided, begun, reviewed."""

    person = CodeChoiceField("protected_person", label=_("Who is protected"), required=True, states=False)
    link = forms.ModelChoiceField(CaseLink.objects.none(), label=_("Case of the person"), required=False)
    kind = CodeChoiceField("protection_kind", label=_("Measure"), required=True, states=False, widget=forms.Select)
    threat = CodeChoiceField("risk_level", label=_("Level of the threat"), states=("unknown",))
    ordered_by = CodeChoiceField("agency_kind", label=_("Ordered by"), states=("unknown",), widget=forms.Select)
    requested_on = DateField(label=_("Asked for on"))
    decided_on = DateField(label=_("Decided on"))
    refused_on = DateField(label=_("Refused on"))
    starts_on = DateField(label=pgettext_lazy("start date", "From"), allow_future=True)
    ends_on = DateField(label=_("Until"), allow_future=True)
    reviewed_on = DateField(label=_("Reviewed on"))

    @classmethod
    def of(
        cls, links: Sequence[tuple[str, CaseLink]], data: QueryDict | None, row: ProtectionMeasure | None = None
    ) -> ProtectionForm:
        """Return the form of a measure, or of a new one when `row` is None."""
        form = cls(data, initial=_stored_values(cls, row) if row else None)
        offer_links(form, links)
        return form


class BreachForm(Form):
    """Form of a breach of a protection measure."""

    kind = CodeChoiceField("breach_kind", label=_("What happened"), required=True, states=False)
    on = DateField(label=_("Day"), required=True)
    reported_to = CodeChoiceField("agency_kind", label=_("Reported to"), states=("unknown",), widget=forms.Select)


build_amount_field = partial(forms.DecimalField, required=False, min_value=0, max_digits=14, decimal_places=2)


def choose_currency() -> list[tuple[str, str]]:
    """Return the currencies of a claim with their signs, that of the country first."""
    return [(code, f"{code} ({sign})" if sign != code else code) for code, sign in money.signs(language())]


class CompensationForm(Form):
    """Form of the compensation that a victim claimed, was awarded and was paid."""

    source = CodeChoiceField("compensation_source", label=_("Who pays"), required=True, states=False)
    link = forms.ModelChoiceField(CaseLink.objects.none(), label=_("Case of the person"), required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=choose_currency, initial=money.currency)
    claimed = build_amount_field(label=_("Amount claimed"))
    claimed_on = DateField(label=_("Claimed on"))
    awarded = build_amount_field(label=_("Amount awarded"))
    awarded_on = DateField(label=_("Awarded on"))
    paid = build_amount_field(label=_("Amount paid"))
    paid_on = DateField(label=_("Paid on"))

    def clean(self) -> dict[str, object]:
        """Check that an amount has no more decimals than its currency."""
        data = super().clean() or self.cleaned_data
        places = money.digits(data.get("currency") or money.currency())
        for name in ("claimed", "awarded", "paid"):
            if (amount := data.get(name)) is not None and amount != round(amount, places):
                self.add_error(name, _("This currency has fewer decimals. Round the amount."))
        return data

    @classmethod
    def of(
        cls, links: Sequence[tuple[str, CaseLink]], data: QueryDict | None, row: Compensation | None = None
    ) -> CompensationForm:
        """Return the form of a compensation, or of a new one when `row` is None."""
        form = cls(data, initial=_stored_values(cls, row) if row else None)
        offer_links(form, links)
        return form


class CompensationStepForm(Form):
    """Form of a step of a compensation."""

    state = CodeChoiceField("compensation_state", label=_("Step"), required=True, states=False)
    on = DateField(label=_("Day"), required=True)


class LinkForm(Form):
    """Form for the case reference that the victim's agency gave."""

    reference = forms.CharField(
        label=_("Case reference"),
        max_length=20,
        help_text=_("As given to you by the agency that helps the person, with the person's consent."),
    )


class CrimeFilterForm(Form):
    """Form for filters of the list of crimes."""

    half = forms.ChoiceField(label=_("Half-year"), required=False)
    source = CodeChoiceField(
        "crime_source", label=_("Counting body"), states=False, widget=forms.Select, empty=_("All")
    )
    offence = CodeChoiceField("offence", label=_("Article"), states=False, widget=forms.Select, empty=_("All"))
    stage = CodeChoiceField("crime_stage", label=_("Stage"), states=False, widget=forms.Select, empty=_("All"))

    def __init__(self, halves: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "half", [("", _("All")), *((text, half_year(text)) for text in halves)])
