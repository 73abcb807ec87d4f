"""Forms of the records about the rights of a person: their fields are those of the models."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import ClassVar

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kerege.casework.assistance.forms.form_fields import build_remark_field, list_agencies
from kerege.casework.rights.forms.values import Values
from kerege.casework.rights.models.case_records import CaseRecord
from kerege.casework.vault.services.identities import open_text
from kerege.vocabulary.profile import active
from kerege.web.forms import AgencyField, CodeChoiceField, DateField, Form

Select = forms.Select
# a short text that is stored encrypted
build_line = partial(forms.CharField, required=False, max_length=200, help_text=_("Stored encrypted."))


class RecordForm(Form):
    """Form of a record. `texts` are its encrypted values; `first_day` is its day, today for a new record."""

    texts: ClassVar[tuple[str, ...]] = ()
    first_day: ClassVar[str] = ""

    @classmethod
    def of(cls, row: CaseRecord | None, data: QueryDict | None = None, *, language: str = "") -> RecordForm:
        """Return the form of a stored record, or of a new one when `row` is None; `language` is the person's."""
        return cls(data, initial=cls._stored_values(row) if row else cls.suggest(language))

    @classmethod
    def suggest(cls, language: str) -> Values:
        """Return what a new record most likely holds: its day is today."""
        return {cls.first_day: timezone.localdate()}

    @classmethod
    def _stored_values(cls, row: CaseRecord) -> Values:
        values = {name: getattr(row, name) for name in cls.base_fields}
        return values | {name: open_text(values[name]) for name in cls.texts}


class GuardianForm(RecordForm):
    """Form of a guardian."""

    texts = ("name", "act")
    first_day = "from_on"
    kind = CodeChoiceField("guardian_kind", label=_("Who speaks for the child"), required=True, states=False)
    name = build_line(label=_("Name and telephone"))
    act = build_line(label=_("Act that appointed the guardian"))
    from_on = DateField(label=pgettext_lazy("start date", "From"), required=True)
    until = DateField(label=_("Until"), allow_future=True)
    conflict = CodeChoiceField("answer", label=_("Conflict of interest"), required=True, states=False)
    conflict_ground = CodeChoiceField("guardian_conflict", label=_("Ground of the conflict"), states=False)
    consented_to = CodeChoiceField(
        "guardian_consent", multiple=True, label=_("What the guardian consented to"), states=False
    )


class BestInterestForm(RecordForm):
    """Form of an assessment of the best interests."""

    texts = ("facts", "child_words")
    first_day = "decided_on"
    question = CodeChoiceField("best_interest_question", label=_("Question"), required=True, states=False)
    child_words = build_remark_field(_("What the child said, in their own words"))
    facts = build_remark_field(_("Facts for and against"))
    took_part = CodeChoiceField("best_interest_party", multiple=True, label=_("Who took part"), states=False)
    answer = CodeChoiceField("best_interest_answer", label=_("Decision"), required=True, states=False)
    decided_on = DateField(label=_("Day"), required=True)
    schooling = CodeChoiceField(
        "schooling", label=_("School, asked at each review"), required=True, states=("unknown",), widget=Select
    )
    review_on = DateField(label=_("Review on"), allow_future=True)


class AgeDoubtForm(RecordForm):
    """Form of a doubt about the age."""

    texts = ("reasons",)
    first_day = "raised_on"
    raised_on = DateField(label=_("Doubted since"), required=True)
    raised_by = CodeChoiceField("agency_kind", label=_("Who doubts the age"), states=("unknown",), widget=Select)
    methods = CodeChoiceField(
        "age_method",
        multiple=True,
        label=_("How the age is established"),
        states=False,
        help_text=_("From the least intrusive method. A medical examination comes last."),
    )
    reasons = build_remark_field(_("Reasons"))
    result = CodeChoiceField("age_result", label=_("Decision on the age"), states=False)
    decided_on = DateField(label=_("Decided on"))
    decided_by = CodeChoiceField("agency_kind", label=_("Who decided"), states=("unknown",), widget=Select)


class LegalAidForm(RecordForm):
    """Form of legal aid in one matter."""

    texts = ("lawyer",)
    first_day = "asked_on"
    matter = CodeChoiceField("legal_matter", label=_("Matter"), required=True, states=False, widget=Select)
    kind = CodeChoiceField("legal_aid_kind", label=_("Who pays the lawyer"), states=False)
    lawyer = build_line(label=_("Lawyer: name and telephone"))
    asked_on = DateField(label=_("Asked for on"), required=True)
    granted_on = DateField(label=_("Granted on"))
    refused_on = DateField(label=_("Refused on"))
    at_first_interview = CodeChoiceField("answer", label=_("The lawyer was at the first interview"), states=False)
    sessions = forms.IntegerField(label=_("Meetings"), required=False, min_value=0, max_value=1000)
    ended_on = DateField(label=_("Ended on"))
    outcome = CodeChoiceField("legal_aid_outcome", label=_("Outcome"), states=("unknown",), widget=Select)


class PenalisedForm(RecordForm):
    """Form of a charge against the person for an act under force."""

    texts = ("account",)
    first_day = "since_on"
    act = CodeChoiceField("penalised_act", label=_("What the person is blamed for"), required=True, states=False)
    body = CodeChoiceField("agency_kind", label=_("Which body acts"), states=("unknown",), widget=Select)
    since_on = DateField(label=_("Since"), required=True)
    informed_on = DateField(label=_("The body was told that the person is a victim on"))
    outcome = CodeChoiceField("penalised_outcome", label=_("Outcome"), required=True, states=False, widget=Select)
    outcome_on = DateField(label=_("Day of the outcome"))
    account = build_remark_field(_("How the person was forced"))


class RightsToldForm(RecordForm):
    """Form of the rights that were told."""

    first_day = "told_on"
    told_on = DateField(label=_("Day"), required=True)
    language = CodeChoiceField("language", label=_("Language"), required=True, states=False, widget=Select)
    manner = CodeChoiceField("notice_manner", label=_("How they were told"), required=True, states=False)
    interpreter = CodeChoiceField("answer", label=_("With an interpreter"), states=False)
    rights = CodeChoiceField("person_right", multiple=True, label=_("Rights that were told"), states=False)
    not_understood = CodeChoiceField(
        "person_right", multiple=True, label=_("Not understood: tell these again"), states=False
    )

    @classmethod
    def suggest(cls, language: str) -> Values:
        """Add the language of the person."""
        return super().suggest(language) | {"language": language}


class ReflectionForm(RecordForm):
    """Form of a reflection period."""

    first_day = "starts_on"
    starts_on = DateField(label=pgettext_lazy("start date", "From"), required=True)
    ends_on = DateField(label=_("Until"), required=True, allow_future=True)
    extended_until = DateField(label=_("Extended until"), allow_future=True)
    suspended = CodeChoiceField("reflection_effect", multiple=True, label=_("What is suspended"), states=False)

    @classmethod
    def of(cls, row: CaseRecord | None, data: QueryDict | None = None, *, language: str = "") -> RecordForm:
        """Return the form, which says that no lawyer has confirmed the suggested day while that is so."""
        form = super().of(row, data, language=language)
        if not active().reflection.confirmed:
            form.fields["ends_on"].help_text = _(
                "The suggested day is not confirmed by a lawyer, and the period does not change the right to stay."
            )
        return form

    @classmethod
    def suggest(cls, language: str) -> Values:
        """Add the last day: the first day counts."""
        today = timezone.localdate()
        return super().suggest(language) | {"ends_on": today + timedelta(days=active().reflection.days - 1)}


class ComplaintForm(RecordForm):
    """Form of a complaint about an agency."""

    texts = ("text", "answer")
    first_day = "sent_on"
    about = AgencyField(list_agencies(), label=_("Agency that the complaint is about"))
    subject = CodeChoiceField("complaint_subject", label=_("Subject"), required=True, states=False)
    receiver = CodeChoiceField(
        "agency_kind", label=_("Independent receiver"), required=True, states=False, widget=Select
    )
    sent_on = DateField(label=_("Sent on"), required=True)
    told_no_reprisal = CodeChoiceField(
        "answer", label=_("The person was told that help goes on in any case"), required=True, states=False
    )
    text = build_remark_field(_("The complaint, in the person's words"))
    outcome = CodeChoiceField("complaint_outcome", label=_("Outcome"), states=False)
    answered_on = DateField(label=_("Answered on"))
    answer = build_remark_field(_("The answer"))
