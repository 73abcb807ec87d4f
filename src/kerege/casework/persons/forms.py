"""Forms for reviewing a pair, merging two records, and undoing a merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.forms.case import LONGEST
from kerege.casework.persons.models import PairReview
from kerege.casework.persons.queries.merge_preview import LaterChange
from kerege.casework.persons.queries.side_by_side import FieldPair, RecordComparison
from kerege.casework.persons.services.unmerge import GOES, SAFETY
from kerege.vocabulary.profile import active
from kerege.web.forms import Form

ANSWERS = (
    (PairReview.Answer.SAME, _("The same person")),
    (PairReview.Answer.DIFFERENT, _("Two different persons")),
    (PairReview.Answer.UNSURE, _("Cannot decide")),
)
KEYS = {PairReview.Answer.SAME: "F8", PairReview.Answer.DIFFERENT: "F9", PairReview.Answer.UNSURE: "F10"}
CHOICE, GOES_ON, SIDES = "choice_", "goes_on", ("left", "right")
LATER = "later_"
EXAMPLE = lazy(lambda: f"{active().country}-2025-00417", str)()  # reference of a case


def _reason_field(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}), **more)


class ReviewAnswerForm(Form):
    """Form for the reviewer's answer to a pair, and the reason."""

    draft_name = "AnswerForm"
    answer = forms.ChoiceField(label=_("Your answer"), choices=ANSWERS, widget=forms.RadioSelect)
    reason = _reason_field(_("Why do you think so?"), help_text=_("One sentence is enough. It is stored encrypted."))


class ReopenPairForm(Form):
    """Form for the reason to reopen a concluded pair."""

    draft_name = "ReasonForm"
    reason = _reason_field(_("What has changed?"))


class UndoForm(Form):
    """Form to undo a merge: reason, later changes, and whether the pair may be proposed again.

    `later` lists the fields changed since the merge; each asks to which record it belongs. Its template draws the form.
    """

    reason = _reason_field(_("Why is it undone?"))
    keep_apart = forms.BooleanField(
        label=_("These are two different persons: never propose them again"), required=False, initial=True
    )

    def __init__(self, later: Sequence[LaterChange], records: tuple[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = zip(GOES, [*records, _("Both"), _("Neither: as it was before the merge")], strict=True)
        choices = list(options)
        for change in later:
            self.fields[f"{LATER}{change.name}"] = forms.ChoiceField(
                label=change.label,
                choices=choices,
                widget=forms.RadioSelect,
                initial="kept" if change.name in SAFETY else None,
                error_messages={"required": _("Choose the person to whom the value belongs.")},
            )
        self.order_fields([*(name for name in self.fields if name.startswith(LATER)), "reason", "keep_apart"])

    @property
    def wish(self) -> dict[str, Any]:
        """Return the keyword arguments of `unmerge.undo_merge`."""
        data = self.cleaned_data
        later = {name.removeprefix(LATER): choice for name, choice in data.items() if name.startswith(LATER)}
        return {"reason": data["reason"], "keep_apart": data["keep_apart"], "later": later}


class TwinForm(Form):
    """Form for the reference of the other case of the same person."""

    number = forms.CharField(
        label=_("Reference of the other case"),
        max_length=40,
        help_text=format_lazy(_("Such as {reference}."), reference=EXAMPLE),
    )


class MergeForm(Form):
    """Choice for each field (left, right, or both for a list), the case that continues, and the reason.

    Its template draws the form.
    """

    reason = _reason_field(_("Why are they one person?"))

    def __init__(self, sides: RecordComparison, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sides = sides
        for pair in sides.fields:
            self.fields[f"{CHOICE}{pair.name}"] = _choice_field(pair)
        if len({record.pk for _, record in sides.cases}) > 1:
            cases = [(str(case.pk), case.reference) for case, _record in sides.cases]
            self.fields[GOES_ON] = forms.ChoiceField(
                label=_("Which case continues?"), choices=cases, widget=forms.RadioSelect
            )
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    @classmethod
    def unchecked(cls, sides: RecordComparison, typed: Mapping[str, str]) -> MergeForm:
        """Return the form bound to the input but without errors; no draft of the page overwrites it."""
        form = cls(sides, {f"{CHOICE}{pair.name}": pair.default for pair in sides.fields} | dict(typed))
        form.errors.clear()
        return form

    @property
    def choices(self) -> dict[str, str]:
        """Return the chosen sides by field name, as `MergeDraft` takes them."""
        return {pair.name: self.cleaned_data[f"{CHOICE}{pair.name}"] for pair in self.sides.fields}


def _choice_field(pair: FieldPair) -> forms.ChoiceField:
    sides = [*SIDES, "both"] if pair.both else [*SIDES]
    missing = _("Choose one of the two.")
    return forms.ChoiceField(
        label=pair.label,
        choices=[(side, side) for side in sides],
        initial=pair.default,
        error_messages={"required": missing},
    )
