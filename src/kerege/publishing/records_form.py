"""The form of a set of synthetic records: which columns, how much of the budget, how careful."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.publishing import records
from kerege.publishing.forms import NamedPart, in_three
from kerege.publishing.models import Release

PRESETS = (
    ("balanced", _("Balanced: as exact as it can be")),
    ("careful", _("Careful: fewer invented combinations, more rare ones lost")),
    ("detailed", _("Detailed: more rare combinations, more of them invented")),
)
LEAST, MOST = 0.01, 20.0


class Decimal(forms.FloatField):
    """A number with a point or, as people here write it, a comma."""

    def to_python(self, value: Any) -> Any:
        """The number, None for an empty field; raises ValidationError."""
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class RecordsForm(NamedPart):
    """A set of synthetic records of one register."""

    columns = forms.MultipleChoiceField(
        label=_("Columns"), widget=forms.CheckboxSelectMultiple,
        help_text=_("Fewer columns make more exact records. Take what researchers will really cross."),
        error_messages={"required": _("Choose at least one column.")},
    )  # fmt: skip
    epsilon = Decimal(
        label=_("Epsilon: how much the file may tell of any one person"), min_value=LEAST, max_value=MOST,
        help_text=_("1 is strict, 4 is usual. The smaller, the safer and the less exact."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    reported = forms.IntegerField(
        label=_("How many values a person reports, for the estimate"), min_value=1, max_value=9_999, required=False,
        help_text=_(
            "A number that 65 of 100 people do not pass, if it is publicly known. Left empty, the worst is taken."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    preset = forms.ChoiceField(label=_("Rare combinations"), choices=PRESETS, widget=forms.RadioSelect)
    title_kk = forms.CharField(label=_("Title in Kazakh"), max_length=200, required=False)
    title_ru = forms.CharField(label=_("Title in Russian"), max_length=200, required=False)
    title_en = forms.CharField(label=_("Title in English"), max_length=200, required=False)
    name = forms.CharField(
        label=_("Short name"), max_length=64, required=False,
        help_text=_("Small letters, digits and _; it becomes the name of the file. Left empty, it is made up."),
    )  # fmt: skip

    def __init__(self, of: str, row: Release, before: dict[str, Any] | None, *args: Any, **kwargs: Any) -> None:
        self.of, self.row, self.before = of, row, before
        offered = records.columns(of)
        super().__init__(*args, **(kwargs | {"initial": _initial(of, row, before)}))
        self.fields["columns"].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A title stands in all languages or in none."""
        data = super().clean() or self.cleaned_data
        self.check_title()
        return data

    @property
    def wanted(self) -> dict[str, Any]:
        """The records as the specification takes them."""
        data = self.cleaned_data
        told = {"name": data["name"] or self._made_up(), "of": self.of, "columns": data["columns"],
                "epsilon": data["epsilon"], "preset": data["preset"]}  # fmt: skip
        titles, before = self.three("title"), self.before or {}
        kept = {name: before[name] for name in ("delta",) if name in before}
        return told | kept | ({"title": titles} if all(titles.values()) else {})

    @property
    def to_predict(self) -> dict[str, Any]:
        """The records as they are chosen now, as far as they are; for a form that may be half filled in."""
        if self.is_bound:
            self.is_valid()
            told = {"columns": self.cleaned_data.get("columns", []), "epsilon": self.cleaned_data.get("epsilon", 0)}
            return {"name": "x", "of": self.of, "preset": self.cleaned_data.get("preset", "balanced")} | told
        told = {name: self.initial[name] for name in ("columns", "preset")}
        return {"name": "x", "of": self.of, "epsilon": float(self.initial["epsilon"])} | told

    @property
    def known_reported(self) -> int:
        """How many values 65 of 100 people do not pass, 0 where nobody said; it is for the prediction alone."""
        return self.cleaned_data.get("reported") or 0 if self.is_bound else 0

    def _made_up(self) -> str:
        """A short name that no other set has."""
        if self.before:
            return str(self.before["name"])
        taken = {each["name"] for each in self.row.spec.get("microdata", [])}
        return next(name for name in (self.of, *(f"{self.of}_{n}" for n in range(2, 99))) if name not in taken)


def _initial(of: str, row: Release, before: dict[str, Any] | None) -> dict[str, Any]:
    offered = [name for name, _title in records.columns(of)]
    if before is None:
        others = [each.get("columns") or offered for each in row.spec.get("microdata", []) if each["of"] == of]
        return {"columns": records.preselected(offered, others), "epsilon": f"{records.EPSILON:g}",
                "preset": "balanced"}  # fmt: skip
    told = {"columns": before.get("columns") or offered, "epsilon": f"{before['epsilon']:g}", "name": before["name"],
            "preset": before.get("preset", "balanced")}  # fmt: skip
    return told | in_three("title", before.get("title"))
