"""Forms of the plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kerege.casework.assistance.forms.form_fields import MAX_TEXT_LENGTH, build_remark_field
from kerege.web.forms import CodeChoiceField, DateField, Form


class PlanForm(Form):
    """Form for the period and kind of a plan."""

    starts_on = DateField(label=pgettext_lazy("start date", "From"), required=True, allow_future=True)
    planned_end_on = DateField(label=_("Until, as planned"), allow_future=True)
    kind = CodeChoiceField("plan_kind", label=_("Kind of plan"), states=False, widget=forms.Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"starts_on": timezone.localdate()}}))

    def clean(self) -> dict[str, Any]:
        """Check that the plan does not end before it begins."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("starts_on"), data.get("planned_end_on")
        if first and last and last < first:
            self.add_error("planned_end_on", _("The plan ends before it begins. Correct one of the two days."))
        return data


class GoalForm(Form):
    """Form for one goal, in the person's own words where possible."""

    domain = CodeChoiceField("need_domain", label=_("Domain"), required=True, states=False, widget=forms.Select)
    text = forms.CharField(
        label=_("What is to be reached"),
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In the person's own words. Stored encrypted and shown on the printed plan."),
    )
    by = DateField(label=_("Date by which, if known"), allow_future=True)


class EndGoalForm(Form):
    """Form for the outcome of a goal."""

    outcome = CodeChoiceField("goal_outcome", label=_("Result"), required=True, states=False)
    on = DateField(label=_("Since"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))


class AgreementForm(Form):
    """Form for the person's answer to the plan."""

    agreement = CodeChoiceField("plan_agreement", label=_("Answer of the person"), required=True, states=("not_asked",))
    agreed_on = DateField(label=_("Day"), required=True)
    agreement_language = CodeChoiceField(
        "language", label=_("Language in which it was explained"), states=False, widget=forms.Select
    )
    agreement_manner = CodeChoiceField("consent_manner", label=_("How"), states=False)

    def __init__(self, language: str, *args: Any, **kwargs: Any) -> None:
        initial = {"agreed_on": timezone.localdate(), "agreement_language": language}
        super().__init__(*args, **(kwargs | {"initial": initial}))


class PlanReviewForm(Form):
    """Form for a review of the plan."""

    draft_name = "ReviewForm"
    on = DateField(label=_("Day"), required=True)
    result = CodeChoiceField("review_result", label=_("Result"), required=True, states=False)
    text = build_remark_field(_("What changed"))
    next_on = DateField(label=_("Next review, if not at the usual interval"), allow_future=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))


class DayForm(Form):
    """Form with one day."""

    on = DateField(label=_("Day"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))


class ApprovalForm(Form):
    """Form with a comment for the supervisor who approves."""

    comment = build_remark_field(_("Comment for the approver"))
