"""Form of one table: unit, dimensions, filter, protection method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kerege.publishing.composer.forms import NamedPartForm
from kerege.publishing.gate import messages
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services.compose import Spec
from kerege.publishing.storage.published_tables import NOT_REPORTED
from kerege.vocabulary import snapshot_columns as schema
from kerege.web.language_forms import LanguageText, initial_texts

MOST_BY, MOST_WHERE = 3, 4
METHODS = (
    ("suppress", _("Suppression: a word replaces small figures and the figures that disclose them")),
    ("cellkey", _("Cell keys: every figure changed a little, always in the same way")),
    ("dp", _("Differential privacy: noise with a proven limit of the privacy loss, charged to the budget")),
    ("none", _("As counted: nothing is protected, the gate decides")),
)
LOSS = 0.05  # rho when the field is left empty
MOST_NOISE = 50


def _number(label: Any, hint: Any, kind: type[forms.IntegerField] = forms.IntegerField, **options: Any) -> Any:
    text = forms.TextInput(attrs={"inputmode": "decimal"})
    return kind(label=label, help_text=hint, required=False, widget=text, **options)


class TableForm(NamedPartForm):
    """Table of a release."""

    language_texts = {"title": LanguageText(_("Title"), 200, required=False)}
    name = forms.CharField(
        label=_("Short name"),
        max_length=64,
        required=False,
        help_text=_(
            "Small letters, digits and _; it becomes the name of the file. If empty, the system chooses a name."
        ),
    )
    method = forms.ChoiceField(label=_("How it is protected"), choices=METHODS, widget=forms.RadioSelect)
    threshold = _number(
        _("Smallest count that is shown"),
        _("At least 5 and at least the threshold of the release."),
        min_value=5,
        max_value=1000,
    )
    largest = _number(
        _("Largest change of a figure"),
        _("Cell keys: if empty, equal to the smallest count that is shown."),
        min_value=1,
        max_value=MOST_NOISE,
    )
    variance = _number(
        _("Variance of the change"), _("Cell keys: for example 3."), forms.FloatField, min_value=0.1, max_value=100
    )
    rho = _number(
        _("Privacy loss (rho)"),
        _("Differential privacy: how much of the budget this table uses."),
        forms.FloatField,
        min_value=0.0001,
        max_value=10,
    )

    def __init__(
        self,
        of: str,
        values: Mapping[str, list[str]],
        row: Release,
        table: dict[str, Any] | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self.of, self.row, self.before = of, row, table
        super().__init__(*args, **(kwargs | {"initial": _initial(table, row)}))
        columns = [
            ("", _("None")),
            *((column.name, messages.column_title(of, column.name)) for column in schema.columns(of)),
        ]
        filters = _filters(of, _with_filter_of(table, values))
        for number in range(1, MOST_BY + 1):
            label = _("Dimension %(n)s") % {"n": number}
            self.fields[f"by_{number}"] = forms.ChoiceField(label=label, choices=columns, required=False)
        for number in range(1, MOST_WHERE + 1):
            label = _("Only rows with (%(n)s)") % {"n": number}
            self.fields[f"where_{number}"] = forms.ChoiceField(label=label, choices=filters, required=False)

    @property
    def dimensions(self) -> list[forms.BoundField]:
        """Return the fields of the dimensions."""
        return [self[f"by_{place}"] for place in range(1, MOST_BY + 1)]

    @property
    def conditions(self) -> list[forms.BoundField]:
        """Return the fields of the filter."""
        return [self[f"where_{place}"] for place in range(1, MOST_WHERE + 1)]

    def clean(self) -> dict[str, Any]:
        """Check that no column occurs twice, and the title (all languages or none)."""
        data = super().clean() or self.cleaned_data
        chosen = [value for place in range(1, MOST_BY + 1) if (value := data.get(f"by_{place}"))]
        for place, value in enumerate(chosen, 1):
            if value in chosen[: place - 1]:
                self.add_error(f"by_{place}", _("This dimension is chosen already."))
        self.check_title()
        return data

    @property
    def by(self) -> list[str]:
        """Return the chosen dimensions, in order."""
        chosen = (self.cleaned_data.get(f"by_{place}") for place in range(1, MOST_BY + 1))
        return [value for value in chosen if value]

    @property
    def where(self) -> dict[str, list[str]]:
        """Return the filter: values of one column are alternatives, conditions on several columns all hold."""
        values: dict[str, list[str]] = {}
        for place in range(1, MOST_WHERE + 1):
            if choice := self.cleaned_data.get(f"where_{place}"):
                column, _eq, code = choice.partition("=")
                if code not in values.setdefault(column, []):
                    values[column].append(code)
        return values

    @property
    def planned_table(self) -> Spec | None:
        """Return the specification of the table, saved or not; None while its fields have faults."""
        if not self.is_bound:
            return self.before
        self.errors  # noqa: B018 - cleans the fields
        needed = [*(field.name for field in (*self.dimensions, *self.conditions)), "method"]
        if any(name in self.errors for name in needed):
            return None
        entry = {"of": self.of, "name": "", "by": self.by, "method": self.cleaned_data["method"]}
        titles = self.texts_by_language("title")
        return (
            entry | ({"where": self.where} if self.where else {}) | ({"title": titles} if all(titles.values()) else {})
        )

    @property
    def params(self) -> dict[str, Any]:
        """Return the parameters of the protection method."""
        data, method = self.cleaned_data, self.cleaned_data["method"]
        is_same_method = self.before is not None and self.before.get("method", "suppress") == method
        params = dict(self.before.get("params", {})) if is_same_method and self.before else {}
        for name in ("threshold", "epsilon"):  # the fields of the form replace them
            params.pop(name, None)
        if method == "suppress":
            return params | ({"threshold": data["threshold"]} if data.get("threshold") else {})
        if method == "cellkey":
            fields = {"D": data.get("largest"), "V": data.get("variance")}
            return {name: value for name, value in (params | fields).items() if value is not None}
        return params | ({"rho": data.get("rho") or LOSS} if method == "dp" else {})

    @property
    def table(self) -> dict[str, Any]:
        """Return the table as the specification takes it."""
        entry: dict[str, Any] = {"of": self.of, "by": self.by, "method": self.cleaned_data["method"]}
        entry["name"] = self.cleaned_data["name"] or self._made_up()
        titles = self.texts_by_language("title")
        optional = {"where": self.where, "params": self.params, "title": titles if all(titles.values()) else None}
        return entry | {name: value for name, value in optional.items() if value}

    def _made_up(self) -> str:
        """Return a short name built from the columns that no other table of the release has."""
        if self.before:
            return str(self.before["name"])
        used_names = {table["name"] for table in self.row.spec.get("table", [])}
        base = "_".join(self.by)[:56] or f"{self.of}_total"
        return next(name for name in (base, *(f"{base}_{n}" for n in range(2, 999))) if name not in used_names)


def without_overlap(data: QueryDict, do: str) -> QueryDict:
    """Return the fields of a form after a remedy: `do` is an action and a column, or nothing."""
    action, _sign, column = do.partition(" ")
    changed = data.copy()
    if action not in ("all-values", "drop-filter") or not column:
        return changed
    for place in range(1, MOST_WHERE + 1):
        if changed.get(f"where_{place}", "").partition("=")[0] == column:
            changed[f"where_{place}"] = ""
    by = [changed.get(f"by_{place}", "") for place in range(1, MOST_BY + 1)]
    if action == "all-values" and column not in by and "" in by:
        changed[f"by_{by.index('') + 1}"] = column
    return changed


def _filters(of: str, values: Mapping[str, list[str]]) -> list[Any]:
    """Return the filter choices: each value that occurs in the snapshot, grouped by column."""
    groups: list[Any] = [("", _("All"))]
    for column in schema.columns(of):
        if codes := values.get(column.name):
            pairs = [
                (f"{column.name}={code}", messages.value_label(of, column.name, code))
                for code in (*codes, NOT_REPORTED)
            ]
            groups.append((messages.column_title(of, column.name), pairs))
    return groups


def _with_filter_of(table: dict[str, Any] | None, values: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the offered values, with those of an existing filter that the chosen snapshot lacks."""
    offered = {name: list(codes) for name, codes in values.items()}
    for name, selection in (table or {}).get("where", {}).items():
        codes = [selection] if isinstance(selection, str) else selection
        offered[name] = [*offered.get(name, []), *(code for code in codes if code not in offered.get(name, []))]
    return {name: [code for code in codes if code != NOT_REPORTED] for name, codes in offered.items()}


def _initial(table: dict[str, Any] | None, row: Release) -> dict[str, Any]:
    if table is None:
        return {"method": "suppress"}
    params = table.get("params", {})
    initial = {
        "name": table["name"],
        "method": table.get("method", "suppress"),
        "threshold": params.get("threshold"),
        "largest": params.get("D"),
        "variance": params.get("V"),
        "rho": params.get("rho"),
    }
    initial |= {f"by_{place}": name for place, name in enumerate(table.get("by", []), 1)}
    conditions = [
        (name, code)
        for name, codes in table.get("where", {}).items()
        for code in ([codes] if isinstance(codes, str) else codes)
    ]
    initial |= {f"where_{place}": f"{name}={code}" for place, (name, code) in enumerate(conditions, 1)}
    return initial | initial_texts("title", table.get("title"))
