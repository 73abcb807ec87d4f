"""Form of a synthetic microdata set: columns, privacy loss, preset, cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.publishing.composer.forms import NamedPartForm
from kerege.publishing.presenters import microdata
from kerege.publishing.releases.models import Release
from kerege.web.language_forms import LanguageText, initial_texts

PRESETS = (
    ("balanced", _("Balanced: as exact as it can be")),
    ("careful", _("Careful: fewer invented combinations, more rare ones lost")),
    ("detailed", _("Detailed: more rare combinations, more of them invented")),
)
LEAST, MOST = 0.01, 20.0
MOST_SHOWN = 12  # values that an error message lists
DIVIDED = ("cohorts", "through", "revise")  # the fields of cohorts, named as in a specification


class DecimalField(forms.FloatField):
    """Number field that accepts a decimal point or a decimal comma."""

    def to_python(self, value: Any) -> Any:
        """Return the number, None for an empty field. Raises ValidationError."""
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class RecordsForm(NamedPartForm):
    """Synthetic microdata set of one snapshot."""

    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Fewer columns make more exact records. Take those that researchers will really cross-tabulate."),
        error_messages={"required": _("Choose at least one column.")},
    )
    epsilon = DecimalField(
        label=_("Epsilon: limit of the privacy loss of one person"),
        min_value=LEAST,
        max_value=MOST,
        help_text=_("1 is strict, 4 is usual. The smaller, the safer and the less exact."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    reported = forms.IntegerField(
        label=_("How many values a person reports, for the estimate"),
        min_value=1,
        max_value=9_999,
        required=False,
        help_text=_(
            "A number that 65 of 100 people do not exceed, if it is publicly known. "
            "If empty, the worst case is assumed."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    preset = forms.ChoiceField(label=_("Rare combinations"), choices=PRESETS, widget=forms.RadioSelect)
    cohorts = forms.ChoiceField(
        label=_("Cohorts"),
        required=False,
        help_text=_(
            "Each person has one lasting value of this column, such as a year. Each value is measured separately. "
            "A new one costs the earlier ones no budget."
        ),
    )
    through = forms.CharField(
        label=_("Last completed one"),
        max_length=64,
        required=False,
        help_text=_("For example 2024. Later cohorts are left for another release: measured cohorts stay unchanged."),
    )
    revise = forms.CharField(
        label=_("To measure again"),
        max_length=200,
        required=False,
        help_text=_(
            "Those that were published before and changed since, with commas between, for example 2022, 2023. "
            "Each can be measured again five times, which is paid for from the beginning."
        ),
    )
    auto = forms.BooleanField(
        label=_("Let noisy counts choose among these columns"),
        required=False,
        help_text=_(
            "A tenth of the privacy loss pays for a first look. Columns that would be noise are left out. Of very few "
            "people, noisy counts are published without records."
        ),
    )
    language_texts = {"title": LanguageText(_("Title"), 200, required=False)}
    name = forms.CharField(
        label=_("Short name"),
        max_length=64,
        required=False,
        help_text=_(
            "Small letters, digits and _; it becomes the name of the file. If empty, the system chooses a name."
        ),
    )

    def __init__(self, of: str, row: Release, before: dict[str, Any] | None, *args: Any, **kwargs: Any) -> None:
        self.of, self.row, self.before = of, row, before
        offered = microdata.offered_columns(of)
        super().__init__(*args, **(kwargs | {"initial": _initial(of, row, before)}))
        divided = [choice for choice in offered if choice[0] in microdata.cohort_columns(of)]
        self._offer("columns", offered)
        self._offer("cohorts", [("", _("None: all people together")), *divided])

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        """Check the titles (all languages or none, no duplicate in the release) and the cohorts."""
        data = super().clean() or self.cleaned_data
        self.check_title()
        self._check_other_titles()
        self._check_cohorts(data)
        return data

    def _check_other_titles(self) -> None:
        own_titles = self.texts_by_language("title")
        others = [entry.get("title") for entry in self.row.spec.get("microdata", []) if entry != self.before]
        for lang, title in own_titles.items():
            if title and title in {titles.get(lang) for titles in others if isinstance(titles, dict)}:
                self.add_error(f"title_{lang}", _("Another set of records of this release has this title."))

    def _check_cohorts(self, data: dict[str, Any]) -> None:
        column, last, revised = data.get("cohorts", ""), data.get("through", ""), data.get("revise", [])
        if column and data.get("auto"):
            self.add_error("auto", _("Cohorts of one series have the same columns: choose them yourself."))
        if not column:
            if (last or revised) and "cohorts" not in self.errors:
                self.add_error("cohorts", _("Choose the column of the cohorts."))
            return
        if data.get("columns") == [column]:
            self.add_error("columns", _("Choose at least one column in addition to the column of the cohorts."))
        values = microdata.cohort_columns(self.of)[column]
        if not last and microdata.has_open_periods(self.of, column):
            self.add_error("through", _("Enter the last completed one."))
        for name, chosen in (("through", [last] if last else []), ("revise", revised)):
            if unknown := [value for value in chosen if value not in values]:
                self.add_error(name, _invalid_value_message(unknown[0], values))
        if last in values and (late := [value for value in revised if value in values[values.index(last) + 1 :]]):
            self.add_error("revise", _("%(value)s is later than the last completed one.") % {"value": late[0]})

    def clean_revise(self) -> list[str]:
        """Return the cohorts to measure again, each once, in the order typed."""
        return list(dict.fromkeys(code for text in self.cleaned_data["revise"].split(",") if (code := text.strip())))

    @property
    def entry(self) -> dict[str, Any]:
        """Return the set as the specification takes it."""
        data = self.cleaned_data
        entry = {
            "name": data["name"] or self._made_up(),
            "of": self.of,
            "columns": data["columns"],
            "epsilon": data["epsilon"],
            "preset": data["preset"],
        }
        titles, before = self.texts_by_language("title"), self.before or {}
        unchanged = {name: before[name] for name in ("delta",) if name in before}
        return entry | unchanged | self._chosen | self._divided | ({"title": titles} if all(titles.values()) else {})

    @property
    def _chosen(self) -> dict[str, bool]:
        """Return the field of the choice for the specification, {} without it."""
        return {"auto": True} if self.cleaned_data.get("auto") else {}

    @property
    def _divided(self) -> dict[str, Any]:
        """Return the fields of cohorts for the specification, {} without cohorts."""
        fields = {name: self.cleaned_data.get(name) for name in DIVIDED}
        return {name: value for name, value in fields.items() if value} if fields["cohorts"] else {}

    @property
    def forecast_entry(self) -> dict[str, Any]:
        """Return the set as chosen so far, for a forecast; the form may be half filled in."""
        if self.is_bound:
            self.is_valid()
            entry = {"columns": self.cleaned_data.get("columns", []), "epsilon": self.cleaned_data.get("epsilon", 0)}
            entry |= {name: value for name, value in self._divided.items() if name != "revise"}  # already charged
            entry |= self._chosen
            return {"name": "x", "of": self.of, "preset": self.cleaned_data.get("preset", "balanced")} | entry
        entry = {name: self.initial[name] for name in ("columns", "preset")}
        entry |= {
            name: (self.before or {})[name] for name in ("cohorts", "through", "auto") if name in (self.before or {})
        }
        return {"name": "x", "of": self.of, "epsilon": float(self.initial["epsilon"])} | entry

    @property
    def reported_values(self) -> int:
        """Return how many values 65 of 100 people do not exceed, 0 when unknown. Only the forecast uses it."""
        return self.cleaned_data.get("reported") or 0 if self.is_bound else 0

    def _made_up(self) -> str:
        """Return a short name that no other set of the release has."""
        if self.before:
            return str(self.before["name"])
        used_names = {entry["name"] for entry in self.row.spec.get("microdata", [])}
        return next(name for name in (self.of, *(f"{self.of}_{n}" for n in range(2, 99))) if name not in used_names)


def _initial(of: str, row: Release, before: dict[str, Any] | None) -> dict[str, Any]:
    offered = [name for name, _title in microdata.offered_columns(of)]
    if before is None:
        others = [entry.get("columns") or offered for entry in row.spec.get("microdata", []) if entry["of"] == of]
        return {
            "columns": microdata.preselect_columns(offered, others),
            "epsilon": f"{microdata.EPSILON:g}",
            "preset": "balanced",
        }
    initial = {
        "columns": before.get("columns") or offered,
        "epsilon": f"{before['epsilon']:g}",
        "name": before["name"],
        "preset": before.get("preset", "balanced"),
        "cohorts": before.get("cohorts", ""),
        "through": before.get("through", ""),
        "revise": ", ".join(before.get("revise", [])),
        "auto": before.get("auto", False),
    }
    return initial | initial_texts("title", before.get("title"))


def _invalid_value_message(value: str, values: list[str]) -> str:
    """Return an error message with the valid values; of many values the first two and the last."""
    listed = values if len(values) <= MOST_SHOWN else [values[0], values[1], "…", values[-1]]
    return _("%(value)s is not one of the values: %(values)s.") % {"value": value, "values": ", ".join(listed)}
