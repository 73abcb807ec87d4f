"""Forms of the plan of measures."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile as DjangoFile
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from kerege.casework.exchange.forms import UploadForm
from kerege.coordination.forms import Initial, TextsForm, agency_field, number_field, text_field
from kerege.coordination.measures.models import Measure, MeasurePlan
from kerege.core.accounts.models import Agency
from kerege.vocabulary.profile import active
from kerege.web.forms import CodeChoiceField, DateField, Form, offer, offer_rows
from kerege.web.templatetags.kerege import half_year, language


class MeasurePlanForm(TextsForm):
    """Form of a plan: its title, its act and its days."""

    by_language: ClassVar = {"titles": (_("Title of the plan"), 0)}
    act = text_field(_("Act that adopted the plan"), required=False, most=200)
    starts_on = DateField(label=_("First day"), required=True, allow_future=True)
    ends_on = DateField(label=_("Last day"), required=True, allow_future=True)
    region = CodeChoiceField(
        "region", label=_("Region"), states=False, widget=forms.Select, empty=_("The whole country")
    )
    parent = forms.ModelChoiceField(
        MeasurePlan.objects.none(),
        label=_("National plan that it belongs to"),
        required=False,
        empty_label=_("None"),
    )

    @classmethod
    def of(cls, plans: QuerySet[MeasurePlan], data: QueryDict | None) -> MeasurePlanForm:
        """Return the form; `plans` are those to which a regional plan can belong."""
        form = cls(data)
        offer_rows(form, "parent", plans)
        return form

    @property
    def values(self) -> dict[str, object]:
        """Return the column values of the plan."""
        names = ("act", "starts_on", "ends_on", "region", "parent")
        return {name: self.cleaned_data[name] for name in names} | {"titles": self.texts("titles")}


class ActForm(UploadForm):
    """Form with the table of an act."""

    private = False
    file = forms.FileField(
        label=_("Table of the act"),
        help_text=_(
            "XLSX, CSV or DOCX with the columns number, measure, form of completion, bodies, deadline and funding."
        ),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.docx"}),
    )
    lang = forms.ChoiceField(label=_("Language of the table"), widget=forms.RadioSelect)

    @classmethod
    def of(cls, data: QueryDict | None, files: MultiValueDict[str, DjangoFile[bytes]] | None) -> ActForm:
        """Return the form with the languages of the profile."""
        form, names = cls(data, files), dict(settings.LANGUAGES)
        offer(form, "lang", [(lang, names.get(lang, lang)) for lang in active().languages])
        form.fields["lang"].initial = language()
        return form


class BodyNameForm(Form):
    """Form that states which agency, or which agencies, a short name of an act means."""

    private = False
    name = text_field(_("Name in the act"), most=200, hint=_("For example an abbreviation."))
    agency = agency_field(_("Means this agency"), required=False)
    kind = CodeChoiceField(
        "agency_kind", label=_("Or all agencies of this kind"), states=False, widget=forms.Select, empty=_("None")
    )

    def clean(self) -> dict[str, object]:
        """Check that the name means one agency or one kind."""
        data = super().clean() or self.cleaned_data
        if bool(data.get("agency")) == bool(data.get("kind")) and not self.errors:
            self.add_error("agency", _("Choose an agency or a kind of agency."))
        return data


class MeasureFilterForm(Form):
    """Form to filter the measures of a plan."""

    private = False
    state = CodeChoiceField("measure_state", label=_("State"), states=False, widget=forms.Select, empty=_("All"))
    direction = CodeChoiceField(
        "measure_direction", label=_("Direction"), states=False, widget=forms.Select, empty=_("All")
    )
    body = forms.ChoiceField(label=_("Responsible body"), required=False)

    @classmethod
    def of(cls, bodies: list[Agency], data: QueryDict | None) -> MeasureFilterForm:
        """Return the form with the bodies of a plan."""
        form = cls(data)
        offer(form, "body", [("", _("All")), *((str(row.pk), row.name) for row in bodies)])
        return form


class MeasureChangeForm(TextsForm):
    """Form of a change of a measure by an act."""

    cancelled_on: date | None = None  # day of an earlier act that cancelled the measure

    by_language: ClassVar = {"texts": (_("Plan measure"), 4)}
    direction = CodeChoiceField("measure_direction", label=_("Direction"), states=False, widget=forms.Select)
    term = CodeChoiceField("measure_term", label=_("Deadline"), required=True, states=False, widget=forms.Select)
    due_on = DateField(label=_("Last day"), required=True, allow_future=True)
    unit = text_field(_("Unit of the target"), required=False, most=100, hint=_("For example: people trained."))
    target = number_field(_("Target"))
    cancelled = forms.BooleanField(label=_("The act takes the measure out of the plan"), required=False)
    act = text_field(_("Act that changed it"), most=200)
    on = DateField(label=_("Day of the change"), required=True)

    @classmethod
    def of(cls, measure: Measure, data: QueryDict | None = None) -> MeasureChangeForm:
        """Return the form with the present values of a measure."""
        names = ("texts", "direction", "term", "due_on", "unit", "target")
        values = {name: getattr(measure, name) for name in names}
        form = cls(data, values | {"cancelled": bool(measure.cancelled_on)})
        form.cancelled_on = measure.cancelled_on
        return form

    @property
    def values(self) -> dict[str, object]:
        """Return the new values of the measure."""
        names = ("direction", "term", "due_on", "unit", "target")
        day = (self.cancelled_on or self.cleaned_data["on"]) if self.cleaned_data["cancelled"] else None
        values = {name: self.cleaned_data[name] for name in names}
        return values | {"texts": self.texts("texts"), "cancelled_on": day}


class ReportForm(Form):
    """Form of a body's report on a measure."""

    private = False
    half = forms.ChoiceField(label=_("Half-year"))
    text = text_field(_("What was done"), rows=8, most=5000, required=False)
    figure = number_field(_("Figure"), hint=_("Only if the measure has a target: what was added in this half-year."))
    completes = forms.BooleanField(
        label=_("The measure is completed, for a repeated measure: that of this term"), required=False
    )

    @classmethod
    def of(cls, halves: list[str], data: QueryDict | None, initial: Initial) -> ReportForm:
        """Return the form with the half-years of a plan."""
        form = cls(data, initial=dict(initial))
        offer(form, "half", [(name, half_year(name)) for name in halves])
        return form


class PublicationRequestForm(Form):
    """Form without fields: it asks for the publication of the summary that the page shows."""

    private = False


class WithdrawalForm(TextsForm):
    """Form with the public reason of a withdrawal."""

    by_language: ClassVar = {"reasons": (_("Reason that the public reads"), 3)}
