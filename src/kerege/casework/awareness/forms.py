"""Forms of campaigns and of hotline contacts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.casework.awareness.models import Campaign
from kerege.vocabulary import codes, languages
from kerege.web.forms import CodeChoiceField, DateField, Form
from kerege.web.language_forms import LanguageForm, LanguageText, initial_texts
from kerege.web.money import symbol
from kerege.web.templatetags.kerege import language

REACH = "reach_"


def build_number_field(label: Any, hint: Any = "") -> forms.IntegerField:
    """Return a field for a whole number; empty when the number is not known."""
    text = forms.TextInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=2_000_000_000, widget=text, help_text=hint
    )


class CampaignForm(LanguageForm):
    """Form of a campaign: the plan, and reach and cost once they are known."""

    language_texts = {"title": LanguageText(_("Theme"), 200)}
    audience = CodeChoiceField("campaign_audience", label=_("Audience"), states=False, widget=forms.Select)
    region = CodeChoiceField(
        "region", label=_("Region"), states=False, widget=forms.Select, empty=_("The whole country")
    )
    starts_on = DateField(label=_("First day"), required=True, allow_future=True)
    ends_on = DateField(label=_("Last day"), allow_future=True)
    languages = CodeChoiceField("language", multiple=True, label=_("Languages"), states=False)
    materials = CodeChoiceField("campaign_material", multiple=True, label=_("Materials"), states=False)
    channels = CodeChoiceField("campaign_channel", multiple=True, label=_("Channels"), states=False)
    planned_reach = build_number_field(_("Planned reach, people"))
    planned_cost = build_number_field(_("Planned cost"))
    cost = build_number_field(_("Actual cost"))

    def __init__(self, row: Campaign | None, *args: Any, **kwargs: Any) -> None:
        values: dict[str, object] = {"languages": languages.offered()[:2]}
        if row:
            values = {name: getattr(row, name) for name in self.base_fields} | initial_texts("title", row.titles)
        by_channel = row.reach_by_channel if row else {}
        initial = values | {f"{REACH}{name}": value for name, value in by_channel.items()}
        super().__init__(*args, **(kwargs | {"initial": initial}))
        for name in ("planned_cost", "cost"):
            self.fields[name].label = f"{self.fields[name].label}, {symbol(language())}"
        for name, label in codes.choices("campaign_channel", language()):
            self.fields[f"{REACH}{name}"] = build_number_field(label)

    @property
    def reach(self) -> list[forms.BoundField]:
        """Return the bound fields of the reach by channel."""
        return [self[name] for name in self.fields if name.startswith(REACH)]

    def clean(self) -> dict[str, Any]:
        """Check that the days are in order, and that each reach belongs to a used channel."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is before the first. Correct one of them."))
        for name in [name for name in self.fields if name.startswith(REACH)]:
            if data.get(name) is not None and name.removeprefix(REACH) not in data.get("channels", []):
                self.add_error(name, _("Tick this channel above, or leave its reach empty."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        """Return the column values of the campaign."""
        columns = {name: self.cleaned_data[name] for name in self.base_fields}
        reach = {
            name.removeprefix(REACH): value
            for name, value in self.cleaned_data.items()
            if name.startswith(REACH) and value is not None
        }
        return columns | {"titles": self.texts_by_language("title"), "reach_by_channel": reach}


class HotlineContactForm(Form):
    """Form of a hotline contact, in codes; nothing identifies the caller."""

    draft_name = "ContactForm"
    channel = CodeChoiceField("contact_channel", label=_("How"), required=True, states=False)
    caller = CodeChoiceField("caller_kind", label=_("Who"), states=("unknown",))
    topic = CodeChoiceField("contact_topic", label=_("Topic"), required=True, states=False, widget=forms.Select)
    outcome = CodeChoiceField(
        "contact_outcome", label=_("What was done"), required=True, states=False, widget=forms.Select
    )
    region = CodeChoiceField("region", label=_("Region"), states=("unknown",), widget=forms.Select)
    language = CodeChoiceField("language", label=_("Language"), states=False, widget=forms.Select)
    heard_through = CodeChoiceField(
        "campaign_channel",
        label=_("How the caller heard of the hotline"),
        states=("unknown", "not_asked"),
        widget=forms.Select,
    )


class CampaignYearForm(Form):
    """Form to filter the campaigns by year."""

    draft_name = "YearForm"
    private = False
    year = forms.ChoiceField(label=_("Year"), required=False)

    def __init__(self, years: list[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [("", _("All")), *((str(year), str(year)) for year in years)]  # type: ignore[attr-defined]
