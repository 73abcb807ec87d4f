"""Forms of a screening: questionnaire, answers of one dimension, circumstances, conclusion."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.casework.intake.models import Screening
from kerege.casework.intake.services.screening import CONCLUSIONS, needs_reason
from kerege.vocabulary import codes, screening
from kerege.vocabulary.screening import ACT, Tool
from kerege.web.forms import CodeChoiceField, DateField, Form
from kerege.web.templatetags.kerege import code, language

LONGEST = 10_000
EVIDENCE = "evidence"


def evidence_field() -> forms.CharField:
    """Return a field for what the person said, in their own words where possible."""
    return forms.CharField(
        label=_("What was said or seen"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In the person's own words where possible. Stored encrypted."),
    )


class ToolForm(Form):
    """A choice of a questionnaire."""

    tool = forms.ChoiceField(label=_("Questionnaire"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = screening.offered()
        self.fields["tool"].choices = [(t.id, t.title.in_language(language())) for t in offered]  # type: ignore[attr-defined]
        self.initial.setdefault("tool", offered[0].id if offered else "")


class AnswersForm(Form):
    """Form for the questions of one dimension; a question without a tick stays unanswered."""

    def __init__(self, tool: Tool, part: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = language()
        questions: list[tuple[str, str]] = [(row.code, row.ask.in_language(lang)) for row in tool.of(part)]
        if tool.act and part == tool.dimension[0].code:
            questions.insert(0, (ACT, tool.act.ask.in_language(lang)))
        self.questions = [name for name, _text in questions]
        for name, text in questions:
            self.fields[name] = forms.ChoiceField(
                label=text, required=False, choices=codes.choices("answer", lang), widget=forms.RadioSelect
            )
        self.fields[EVIDENCE] = evidence_field()

    @property
    def asked(self) -> list[forms.BoundField]:
        """Return the question fields, without the field for evidence."""
        return [self[name] for name in self.questions]

    @property
    def answers(self) -> dict[str, str]:
        """Return the answer of each question; '' without an answer."""
        return {name: self.cleaned_data.get(name, "") for name in self.questions}


class FrameForm(Form):
    """Form for the circumstances of a screening: day, place, language, interpreter, length."""

    screened_on = DateField(label=_("Day"), required=True)
    place = CodeChoiceField("screening_place", label=_("Place"), states=("unknown",), widget=forms.Select)
    language = CodeChoiceField(
        "language", label=_("Language of the conversation"), states=("unknown",), widget=forms.Select
    )
    interpreter = CodeChoiceField("answer", label=_("An interpreter helped"), states=False)
    minutes = forms.IntegerField(
        label=_("Minutes in all"),
        required=False,
        min_value=1,
        max_value=2000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    breaks = forms.IntegerField(
        label=_("Breaks"),
        required=False,
        min_value=0,
        max_value=50,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class ConclusionForm(Form):
    """Form for the conclusion of a screening."""

    conclusion = forms.ChoiceField(label=_("Your conclusion"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Needed where you conclude something else than the indicators propose. Stored encrypted."),
    )

    def __init__(self, row: Screening, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.fields["conclusion"].choices = [(c, code(c, "victim_status")) for c in CONCLUSIONS]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Require a reason when the conclusion contradicts the indicators."""
        data = super().clean() or self.cleaned_data
        if needs_reason(self.row, data.get("conclusion", "")) and not data.get("reason", "").strip():
            self.add_error("reason", _("Write down why: the indicators propose something else."))
        return data
