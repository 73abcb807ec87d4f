"""Forms about a person and their case. No field is required that a caseworker may not know yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import IntegerField, Select, TextInput
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.models.case import Exploitation
from kerege.casework.cases.queries.cases import Filters
from kerege.casework.cases.queries.data_quality import LABELS
from kerege.casework.cases.services.decisions import (
    RESULTS,
    is_contradictory,
    lacks_grounds,
    list_decision_kinds,
    list_missing_basis,
)
from kerege.core.accounts.models import Agency, User
from kerege.vocabulary import codes
from kerege.vocabulary.identity_numbers import is_well_formed
from kerege.vocabulary.profile import active
from kerege.web.forms import CodeChoiceField, ColleagueField, DateField, Form, PartialDateField
from kerege.web.templatetags.kerege import language

LONGEST = 20_000
LONGEST_NAME = 200
CASE_WORKERS = ("caseworker", "supervisor")
QUIET = {"30": _("30 days"), "60": _("60 days"), "90": _("90 days")}
WITH_NO = ("unknown", "not_asked", "refused", "no")
NATIONAL_ID = "national_id"  # code of the list document_kind
WRONG_NUMBER = _(
    "This is not a number of this kind: %(name)s. A digit is missing, added or mistyped."
    " Compare it with the document, or choose another kind of document."
)


def text(label: Any, **kwargs: Any) -> forms.CharField:
    """Return an optional field for a line of text."""
    return forms.CharField(label=label, required=False, max_length=LONGEST, **kwargs)


def has_a_letter(value: str) -> None:
    """Raise ValidationError when a name has no letter of any script."""
    if not any(sign.isalpha() for sign in value):
        raise ValidationError(_("A name has at least one letter."))


def name(label: Any, **kwargs: Any) -> forms.CharField:
    """Return an optional field for a part of a name."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST_NAME,
        error_messages={"max_length": _("A name has at most 200 characters.")},
        validators=[has_a_letter],
        **kwargs,
    )


def long_text(label: Any, rows: int = 4, **kwargs: Any) -> forms.CharField:
    """Return an optional field for a text of several lines."""
    return text(label, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class PersonForm(Form):
    """Form for the details of a person, as the agency knows them."""

    family = name(_("Family name"))
    given = name(_("Given name"))
    middle = name(_("Patronymic"))
    family_2 = name(_("Family name"))
    given_2 = name(_("Given name"))
    middle_2 = name(_("Patronymic"))
    alias = name(_("Other name"), help_text=_("A nickname, or a name given by others."))
    birth = PartialDateField(
        label=_("Date of birth"), help_text=_("Only the year is enough. Leave empty what is not known.")
    )
    gender = CodeChoiceField("gender", label=_("Gender"), widget=Select)
    citizenship = CodeChoiceField("country", label=_("Citizenship"), widget=Select)
    citizenship_2 = CodeChoiceField("country", label=_("Second citizenship"), widget=Select, states=False)
    language = CodeChoiceField("language", label=_("Best language"), widget=Select)
    phone = text(_("Telephone"), widget=forms.TextInput(attrs={"inputmode": "tel"}))
    safe_contact = long_text(
        _("Safe contact"),
        2,
        help_text=_(
            "When may we call, who may answer, what must never be said. Each user who opens the case sees this first."
        ),
    )
    document_kind = CodeChoiceField("document_kind", label=_("Identity document"), widget=Select, states=WITH_NO)
    document_number = text(_("Document number"))
    document_country = CodeChoiceField("country", label=_("Country that issued it"), widget=Select, states=False)
    document_verified = forms.BooleanField(
        label=_("I held this document in my hands"),
        required=False,
        help_text=_(
            "The system links two records of one person automatically only by the number of a document that you held."
        ),
    )

    def clean(self) -> dict[str, object]:
        """Check the national identity number of the country: a digit that is mistyped is found."""
        data = super().clean() or self.cleaned_data
        rule, country = active().identity_number, active().country
        is_own = data.get("document_kind") == NATIONAL_ID and data.get("document_country") in {"", None, country}
        if rule and is_own and (number := data.get("document_number")) and not is_well_formed(number, rule):
            self.add_error("document_number", WRONG_NUMBER % {"name": rule.name.in_language(language())})
        return data


class RegisterForm(PersonForm):
    """Form for a person and their case. Only the day of registration is required; it defaults to today."""

    registered_on = DateField(label=_("Day of registration"), required=True)
    age_band = CodeChoiceField("age_band", label=_("Age, if the date of birth is not known"), widget=Select)
    route = CodeChoiceField("signal_channel", label=_("How the person came to you"), widget=Select)
    region = CodeChoiceField("region", label=_("Region"), widget=Select)
    main_form = CodeChoiceField("exploitation_form", label=_("Main form of exploitation"), widget=Select)
    exploitation_country = CodeChoiceField("country", label=_("Country of exploitation"), widget=Select)
    risk_level = CodeChoiceField("risk_level", label=_("Current risk"))
    note = long_text(
        _("First note on the case"), 5, help_text=_("Stored encrypted. Write only what is needed to help.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"registered_on": timezone.localdate()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def exploitation(self) -> list[dict[str, Any]]:
        """Return the values of the main episode in a list; an empty list when none is entered."""
        values = {name: self.cleaned_data[name] for name in ("main_form", "exploitation_country")}
        return [values] if any(values.values()) else []


class SearchForm(Form):
    """Form for search text: a name, a reference or a document number. Sent by POST only."""

    text = forms.CharField(
        label=_("Name, reference or document number"),
        help_text=_("Any spelling, Cyrillic or Latin. One word is enough."),
        max_length=LONGEST_NAME,
        error_messages={"max_length": _("Use at most 200 characters in the search.")},
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class FilterField(CodeChoiceField):
    """A code to filter a list by, also one that only older records have; empty selects all."""

    with_retired = True

    def __init__(self, list_name: str, **kwargs: Any) -> None:
        super().__init__(list_name, widget=Select, states=False, **kwargs)
        code_choices: Any = self.choices
        self.choices = lambda: [("", _("All")), *list(code_choices)[1:]]


class WorkerField(ColleagueField):
    """A choice of a colleague; the form sets the queryset."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), **kwargs)


def workers(agency: Agency | None, *further_roles: str) -> Any:
    """Return active users of an agency who work on cases, or hold one of `further_roles`."""
    roles = [*CASE_WORKERS, *further_roles]
    users = User.objects.filter(is_active=True, assignments__agency=agency, assignments__role__in=roles)
    return users.distinct().order_by("full_name")


class Narrowing(Form):
    """A filter form of a list. Its values are codes and ids, so they may appear in a URL."""

    def chosen(self) -> list[tuple[str, str]]:
        """Return the name of each filter in use, with its value in words."""
        self.is_valid()
        return [(name, self._words(name, value)) for name, value in self.cleaned_data.items() if value]

    def _words(self, name: str, value: Any) -> str:
        """Return the value of a filter in words."""
        field = self.fields[name]
        if isinstance(field, FilterField):
            return codes.label(field.list_name, value, language())
        if isinstance(field, forms.ModelChoiceField):
            return field.label_from_instance(value)
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices)[value])  # type: ignore[arg-type]
        return str(field.label) if value is True else str(value)


class FilterForm(Narrowing):
    """Form for filters of the case list. Their values are codes and ids, so they may appear in a URL."""

    mine = forms.BooleanField(label=_("Only my cases"), required=False)
    overdue = forms.BooleanField(label=_("With something overdue"), required=False)
    worker = WorkerField(label=_("Caseworker"), required=False, empty_label=_("All"))
    status = FilterField("case_status", label=_("Case"))
    social_status = FilterField("victim_status", label=_("Status, social track"))
    exploitation_form = FilterField("exploitation_form", label=_("Main form"))
    risk_level = FilterField("risk_level", label=_("Risk"))
    year = forms.IntegerField(
        label=_("Year of registration"),
        required=False,
        min_value=1990,
        max_value=2100,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    lacks = forms.ChoiceField(label=_("Missing information"), required=False, choices=[("", _("–")), *LABELS.items()])
    quiet = forms.ChoiceField(label=_("No entry for"), required=False, choices=[("", _("–")), *QUIET.items()])

    def __init__(self, agency: Agency | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].queryset = workers(agency)  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        """Return the filters in use; invalid values are left out."""
        self.is_valid()
        return Filters(**{name: value for name, value in self.cleaned_data.items() if value})


class ExploitationForm(Form):
    """Form for an episode of exploitation."""

    main_form = CodeChoiceField("exploitation_form", label=_("Main form"), widget=Select)
    forms = CodeChoiceField("exploitation_form", multiple=True, label=_("All forms"))
    labour_sections = CodeChoiceField("labour_section", multiple=True, label=_("Labour: branch of the economy"))
    sexual_kinds = CodeChoiceField("sexual_kind", multiple=True, label=_("Sexual exploitation: kind"))
    acts = CodeChoiceField("act", multiple=True, label=_("Acts"))
    means = CodeChoiceField("means", multiple=True, label=_("By what means"))
    means_of_control = CodeChoiceField("means_of_control", multiple=True, label=_("Means of control"))
    recruitment_methods = CodeChoiceField("recruitment_method", multiple=True, label=_("How the person was recruited"))
    recruitment_platforms = CodeChoiceField("platform", multiple=True, label=_("Platform of recruitment"))
    exploitation_platforms = CodeChoiceField("platform", multiple=True, label=_("Platform of exploitation"))
    recruiter_relation = CodeChoiceField("recruiter_relation", label=_("Relation to the recruiter"))
    recruiter_detail = CodeChoiceField("recruiter_detail", label=_("Relation to the recruiter, in detail"))
    recruitment_country = CodeChoiceField("country", label=_("Country of recruitment"), widget=Select)
    transit_countries = CodeChoiceField("country", multiple=True, label=_("Countries of transit"))
    exploitation_country = CodeChoiceField("country", label=_("Country of exploitation"), widget=Select)
    exploitation_region = CodeChoiceField("region", label=_("Region of exploitation"), widget=Select)
    started_on = DateField(label=_("First day, if known"))
    ended_on = DateField(label=_("Last day, if known"))
    age_when_trafficked = IntegerField(
        label=_("Age when the exploitation began"),
        required=False,
        min_value=0,
        max_value=120,
        widget=TextInput(attrs={"inputmode": "numeric"}),
    )

    @classmethod
    def of(cls, episode: Exploitation | None, data: Any = None) -> ExploitationForm:
        """Return the form of a recorded episode, or of a new one."""
        values = {name: getattr(episode, name) for name in cls.base_fields} if episode else {}
        return cls(data, initial=values)

    def clean_ended_on(self) -> date | None:
        """Check that the last day is not before the first."""
        first, last = self.cleaned_data.get("started_on"), self.cleaned_data.get("ended_on")
        if first and last and last < first:
            raise forms.ValidationError(_("The last day is before the first. Correct one of them."))
        return last


def restrict_choices(form: forms.Form, name: str, permitted: Sequence[str]) -> str:
    """Restrict a field to the offered codes.

    With a single code, delete the field and return the code; else return ''.
    """
    if len(permitted) == 1:
        del form.fields[name]
        return permitted[0]
    field: Any = form.fields[name]
    choices = field.choices
    field.choices = [(code, label) for code, label in choices if code in permitted]
    return ""


class DecisionForm(Form):
    """Form for a decision about a victim status, by the tracks and kinds that the agency may decide.

    A field with a single choice is left out, and `settled` holds its value.
    """

    track = CodeChoiceField("decision_track", label=_("Track"), required=True, states=False)
    kind = CodeChoiceField("decision_kind", label=_("Kind of decision"), required=True, states=False)
    resulting_status = CodeChoiceField("victim_status", label=_("Status from now on"), required=True, states=False)
    decided_on = DateField(label=_("Decided on"), required=True)
    standard_of_proof = CodeChoiceField("standard_of_proof", label=_("Standard of proof"), states=False)
    grounds = long_text(_("Grounds"), 5, help_text=_("Why. Stored encrypted."))
    documents_used = CodeChoiceField("document_kind", multiple=True, label=_("Documents used"), states=False)
    notified_on = DateField(label=_("Person informed on"))
    review_on = DateField(label=_("To be reviewed on"), allow_future=True)

    NEEDED = {
        "grounds": _("Write the grounds: a formal identification needs them."),
        "standard_of_proof": _("Choose the standard of proof: a formal identification names it."),
        "documents_used": _("Tick at least one document. A formal identification needs evidence."),
    }

    def __init__(self, agency_kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tracks = active().tracks_of(agency_kind)
        kinds = {kind: None for track in tracks for kind in list_decision_kinds(agency_kind, track)}
        statuses = {status: None for kind in kinds for status in RESULTS[kind]}
        self.settled = {
            name: choice
            for name, permitted in (("track", tracks), ("kind", [*kinds]), ("resulting_status", [*statuses]))
            if (choice := restrict_choices(self, name, permitted))
        }

    def clean(self) -> dict[str, Any]:
        """Check that the status follows from the kind, and that required grounds are present."""
        data = (super().clean() or self.cleaned_data) | self.settled
        kind, status = data.get("kind", ""), data.get("resulting_status")
        if status and is_contradictory(kind, status):
            self.add_error("resulting_status", _("This status does not follow from this kind of decision."))
        if lacks_grounds(kind, data.get("grounds", "")):
            self.add_error("grounds", _("Write the grounds: a refusal or a loss of status needs them."))
        for name in list_missing_basis(kind, data):
            if name not in self.errors:
                self.add_error(name, self.NEEDED[name])
        return data

    def clean_notified_on(self) -> date | None:
        """Check that the person was not informed before the decision was made."""
        decided, notified = self.cleaned_data.get("decided_on"), self.cleaned_data.get("notified_on")
        if decided and notified and notified < decided:
            raise forms.ValidationError(
                _("The person cannot be informed before the decision. Correct one of the two days.")
            )
        return notified


class NoteForm(Form):
    """Form for a note on a case."""

    text = forms.CharField(
        label=_("Note"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Stored encrypted and never searched. Those who may open the case can read it."),
    )
