"""Forms of the review, of a merge and of its undoing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.forms.case import LONGEST
from kerege.casework.persons.models import Review
from kerege.casework.persons.queries.merge_preview import Later
from kerege.casework.persons.queries.side_by_side import FieldPair, Sides
from kerege.casework.persons.services.unmerge import GOES, SAFETY
from kerege.web.forms import Form

ANSWERS = (
    (Review.Answer.SAME, _("The same person")),
    (Review.Answer.DIFFERENT, _("Two different persons")),
    (Review.Answer.UNSURE, _("It cannot be told")),
)
KEYS = {Review.Answer.SAME: "F8", Review.Answer.DIFFERENT: "F9", Review.Answer.UNSURE: "F10"}
CHOICE, GOES_ON, SIDES = "choice_", "goes_on", ("left", "right")
LATER = "later_"


def _reason(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}), **more)


class AnswerForm(Form):
    """One person or two, and what decides it."""

    answer = forms.ChoiceField(label=_("Your answer"), choices=ANSWERS, widget=forms.RadioSelect)
    reason = _reason(_("What decides it for you?"), help_text=_("One sentence is enough. It is kept encrypted."))


class ReasonForm(Form):
    """Why a closed pair is asked again."""

    reason = _reason(_("What has changed?"))


class UndoForm(Form):
    """Why, whether the two are to be proposed again, and whose is what was changed since. Drawn by its template."""

    reason = _reason(_("Why is it undone?"))
    keep_apart = forms.BooleanField(
        label=_("These are two different persons: never propose them again"), required=False, initial=True
    )

    def __init__(self, later: Sequence[Later], records: tuple[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = zip(GOES, [*records, _("Both"), _("Neither: as it was before the merge")], strict=True)
        choices = list(ways)
        for each in later:
            self.fields[f"{LATER}{each.name}"] = forms.ChoiceField(
                label=each.label,
                choices=choices,
                widget=forms.RadioSelect,
                initial="kept" if each.name in SAFETY else None,
                error_messages={"required": _("Choose whose it is.")},
            )
        self.order_fields([*(name for name in self.fields if name.startswith(LATER)), "reason", "keep_apart"])

    @property
    def wish(self) -> dict[str, Any]:
        """What was said, as the service takes it."""
        told = self.cleaned_data
        later = {name.removeprefix(LATER): way for name, way in told.items() if name.startswith(LATER)}
        return {"reason": told["reason"], "keep_apart": told["keep_apart"], "later": later}


class TwinForm(Form):
    """The other case of the same person."""

    number = forms.CharField(
        label=_("Reference of the other case"), max_length=40, help_text=_("Such as KZ-2025-00417.")
    )


class MergeForm(Form):
    """Field by field: left, right, or both for a list; which case goes on; why. Drawn by its template."""

    reason = _reason(_("Why are they one person?"))

    def __init__(self, sides: Sides, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sides = sides
        for pair in sides.fields:
            self.fields[f"{CHOICE}{pair.name}"] = _choice(pair)
        if len({record.pk for _, record in sides.cases}) > 1:
            cases = [(str(case.pk), case.reference) for case, _record in sides.cases]
            self.fields[GOES_ON] = forms.ChoiceField(
                label=_("Which case goes on?"), choices=cases, widget=forms.RadioSelect
            )
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    @classmethod
    def unchecked(cls, sides: Sides, typed: Mapping[str, str]) -> MergeForm:
        """With what was typed, not checked yet; a bound form is not filled from a draft of the page."""
        form = cls(sides, {f"{CHOICE}{pair.name}": pair.default for pair in sides.fields} | dict(typed))
        form.errors.clear()
        return form

    @property
    def choices(self) -> dict[str, str]:
        """What was chosen, as the service takes it."""
        return {pair.name: self.cleaned_data[f"{CHOICE}{pair.name}"] for pair in self.sides.fields}


def _choice(pair: FieldPair) -> forms.ChoiceField:
    ways = [*SIDES, "both"] if pair.both else [*SIDES]
    missing = _("Choose one of the two.")
    return forms.ChoiceField(
        label=pair.label,
        choices=[(way, way) for way in ways],
        initial=pair.default,
        error_messages={"required": missing},
    )
