"""Forms of safe contact."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.forms.form_fields import build_remark_field
from kerege.casework.vault.identity import ContactRules
from kerege.web.forms import CodeChoiceField, DateField, Form

IN_PERSON = "in_person"


class ContactRulesForm(Form):
    """Form of the safe contact rules."""

    channels = CodeChoiceField("person_channel", multiple=True, label=_("Allowed ways"), states=False)
    times = forms.CharField(
        label=_("When"), required=False, max_length=200, help_text=_("For example: Saturdays before noon.")
    )
    answerers = forms.CharField(
        label=_("Persons who may answer, and how you then introduce yourself"),
        required=False,
        max_length=400,
        help_text=_("For example: a sister may answer. Say that you call from the library."),
    )
    code_word = forms.CharField(label=_("Code word"), required=False, max_length=60)
    never_say = forms.CharField(
        label=_("What must never be said or written"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RulesReadForm(Form):
    """Form to confirm that the safe contact rules were read, before the telephone number is shown."""

    read = forms.BooleanField(label=_("I have read how the person may be contacted"))


class ContactAttemptForm(Form):
    """Form for the result of an attempt to contact the person."""

    draft_name = "ContactForm"
    channel = CodeChoiceField("person_channel", label=_("How"), required=True, states=False)
    result = CodeChoiceField("reach_result", label=_("Outcome"), required=True, states=False)
    on = DateField(label=_("Day"), required=True)
    note = build_remark_field(_("What was said"))

    def __init__(self, rules: ContactRules, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))
        allowed = {*rules.get("channels", []), IN_PERSON}
        if rules.get("channels"):
            choices = list(self.fields["channel"].choices)  # type: ignore[attr-defined]
            marked_choices = [
                (value, name if value in allowed else _("%(way)s – not agreed") % {"way": name})
                for value, name in choices
            ]
            self.fields["channel"].choices = marked_choices  # type: ignore[attr-defined]
