"""Forms of the risk assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kerege.coordination.forms import TextsForm, text_field
from kerege.coordination.risk.queries import list_regions
from kerege.vocabulary import codes
from kerege.web.forms import CodeChoiceField, DateField, Form, offer
from kerege.web.templatetags.kerege import language

DETECTION = "detection"


class RiskRoundForm(Form):
    """Form of a round."""

    private = False
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    act = text_field(_("Act on the assessment"), required=False, most=200)


class RiskFactorForm(TextsForm):
    """Form of a factor: its name, its group, its direction, and its source."""

    by_language: ClassVar = {"labels": (_("Factor"), 0)}
    group = forms.ChoiceField(label=_("Group"), widget=forms.RadioSelect)
    raises = forms.TypedChoiceField(
        label=_("A larger value means"),
        choices=[("yes", _("a higher risk")), ("no", _("a lower risk"))],
        initial="yes",
        coerce="yes".__eq__,
        widget=forms.RadioSelect,
    )
    cited = forms.ChoiceField(label=_("Table of a release"), required=False)
    per_population = forms.BooleanField(
        label=_("Divide by the population of the region: number per 100,000 people"),
        required=False,
        help_text=_("For numbers of people or events. Without it a large region has more of everything."),
    )
    source = text_field(
        _("Or the source of a public figure"), required=False, most=300, hint=_("Who published it, where.")
    )
    as_of = DateField(label=_("As of"))

    @classmethod
    def of(cls, tables: Sequence[tuple[str, str]], data: QueryDict | None) -> RiskFactorForm:
        """Return the form with the groups and the tables that can be cited."""
        form = cls(data)
        groups = codes.choices("risk_group", language())
        offer(form, "group", [*groups, (DETECTION, _("Detection, shown beside the risk"))])
        offer(form, "cited", [("", _("None")), *tables])
        return form

    def clean(self) -> dict[str, object]:
        """Check that there is one source: a release, or a published figure."""
        data = super().clean()
        if bool(data.get("cited")) == bool(data.get("source")) and not self.errors:
            self.add_error("source", _("Cite a table of a release, or write the source of a public figure."))
        return data

    @property
    def values(self) -> dict[str, object]:
        """Return the column values of the factor."""
        data = self.cleaned_data
        release, _slash, table = data["cited"].partition("/")
        detects = data["group"] == DETECTION
        return {
            "labels": self.texts("labels"),
            "group": "" if detects else data["group"],
            "detects": detects,
            "raises": data["raises"],
            "per_population": data["per_population"],
            "release": release,
            "table": table,
            "source": data["source"],
            "as_of": data["as_of"],
        }


class RiskValuesForm(Form):
    """Form with a number for each region; an empty one is unknown."""

    private = False

    @classmethod
    def of(cls, values: Mapping[str, tuple[float, float]], data: QueryDict | None) -> Self:
        """Return the form with the stored numbers."""
        form = cls(data, initial={region: f"{limits[0]:g}" for region, limits in values.items()})
        for region in list_regions():
            label = codes.label("region", region, language())
            form.fields[region] = forms.FloatField(
                label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
            )
        return form

    @property
    def numbers(self) -> dict[str, float]:
        """Return the numbers by region."""
        given = {region: self.cleaned_data.get(region) for region in list_regions()}
        return {region: number for region, number in given.items() if number is not None}


class RiskPopulationForm(RiskValuesForm):
    """Form with the people of each region, and the source of the figures."""

    source = text_field(_("Source of the figures"), most=300, hint=_("Who published it, where."))

    @classmethod
    def of_round(cls, populations: Mapping[str, int], source: str, data: QueryDict | None) -> RiskPopulationForm:
        """Return the form with the stored people and their source."""
        form = cls.of({region: (float(number), float(number)) for region, number in populations.items()}, data)
        form.initial = {region: str(number) for region, number in populations.items()} | {"source": source}
        return form


class RiskJudgementForm(Form):
    """Form of the judgement of a regional commission."""

    private = False
    level = CodeChoiceField("risk_level", label=_("Level of risk"), required=True, states=False)
    ground = text_field(_("Ground"), rows=4, hint=_("Name no case and no person."))
