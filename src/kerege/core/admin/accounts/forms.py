"""Forms of the administrator."""

from __future__ import annotations

from typing import cast

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kerege.core.accounts.addresses import can_send
from kerege.core.accounts.agency_changes import ChangeDraft, list_targets
from kerege.core.accounts.agency_details import AgencyDetails, current_details
from kerege.core.accounts.models import Agency, AgencyChange, Role
from kerege.core.accounts.role_rules import permitted_roles
from kerege.core.accounts.services import NewAgency, NewUser
from kerege.web.forms import AgencyField, CodeChoiceField, CodeMultipleChoiceField, Form
from kerege.web.language_forms import LanguageForm, LanguageText, initial_texts


class UserForm(Form):
    """Form for a new user, who chooses their own password later.

    With an address they get an invitation; the field is missing where the installation sends no e-mail.
    """

    username = forms.CharField(
        label=_("User name"), max_length=60, help_text=_("Small Latin letters, digits, dots and dashes.")
    )
    full_name = forms.CharField(label=_("Full name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    email = forms.EmailField(
        label=_("E-mail address for the invitation"),
        max_length=254,
        required=False,
        help_text=_("The message names nobody. Without an address you get a link to hand over yourself."),
    )

    def user(self) -> NewUser:
        """Return the new user from the form data."""
        cleaned = self.cleaned_data
        name = cleaned["username"].strip().lower()
        return NewUser(name, cleaned["full_name"], cleaned["language"], email=cleaned.get("email", ""))


class RolesForm(Form):
    """Form for roles of a user in an agency, which offers only the roles that its users may hold."""

    roles = forms.MultipleChoiceField(label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        help_text=_("For the second person, who confirms a role that you cannot give alone."),
    )

    def __init__(
        self, data: QueryDict | None = None, *, agency: Agency, initial: dict[str, object] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        choices = [(role.value, role.label) for role in permitted_roles(agency)]
        cast("forms.MultipleChoiceField", self.fields["roles"]).choices = choices


class NewUserForm(UserForm, RolesForm):
    """Form for a new user of the administrator's own agency."""

    field_order = ("username", "full_name", "email", "language", "roles", "reason")

    def __init__(self, data: QueryDict | None = None, *, agency: Agency) -> None:
        super().__init__(data, agency=agency)
        _drop_address(self)


class MoveUserForm(Form):
    """Form with which a user leaves for another agency, where an administrator confirms the roles."""

    to = AgencyField(Agency.objects.none(), label=_("New agency"), empty_label=_("Choose"))
    roles = forms.MultipleChoiceField(
        label=_("Roles in the new agency"), choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)
    prefix = "move"

    def __init__(
        self, data: QueryDict | None = None, *, agency: Agency, initial: dict[str, object] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        others = Agency.objects.filter(active=True).exclude(pk=agency.pk)
        cast("forms.ModelChoiceField[Agency]", self.fields["to"]).queryset = others


class AgencyChangeForm(Form):
    """Form of a request to move or close an agency."""

    target = AgencyField(Agency.objects.none(), required=False, empty_label=_("Choose"))
    act = forms.CharField(
        label=_("Order or other act"), max_length=300, help_text=_("Number and day, for example: order 12 of 3 March.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)

    def __init__(self, data: QueryDict | None = None, *, agency: Agency, kind: str) -> None:
        super().__init__(data)
        self.kind = kind
        target = cast("forms.ModelChoiceField[Agency]", self.fields["target"])
        target.queryset = list_targets(agency, kind)
        is_move = kind == AgencyChange.Kind.MOVE
        target.required = is_move
        target.label = _("New agency above it") if is_move else _("Successor")
        target.help_text = "" if is_move else _("The agency that goes on with its tasks, if there is one.")

    def draft(self) -> ChangeDraft:
        """Return the request from the form data."""
        return ChangeDraft(kind=self.kind, **self.cleaned_data)


def _drop_address(form: Form) -> None:
    """Remove the address from a form where the installation sends no e-mail."""
    if not can_send():
        del form.fields["email"]


def require_place(form: Form) -> dict[str, object]:
    """Add an error to a form of an agency that has neither a region nor a country; return its data."""
    if not form.cleaned_data.get("region") and not form.cleaned_data.get("country"):
        form.add_error("region", _("Choose the region; for an agency abroad, choose the country."))
    return form.cleaned_data


class AgencyDetailsForm(LanguageForm):
    """Form for what an administrator changes of an agency without a second person."""

    language_texts = {"name": LanguageText(_("Name of the agency"), 200)}
    region = CodeChoiceField("region", label=_("Region"), states=False)
    country = CodeChoiceField(
        "country", label=_("Country"), states=False, help_text=_("For an agency abroad, such as an embassy.")
    )
    languages = CodeMultipleChoiceField(
        "language", label=_("Languages in which the agency helps"), states=False, required=True
    )

    def clean(self) -> dict[str, object]:
        """Require a region or, for an agency abroad, a country."""
        return require_place(self)

    @staticmethod
    def initial_of(row: Agency) -> dict[str, object]:
        """Return the present details of an agency as initial values."""
        return {**current_details(row), **initial_texts("name", row.names)}

    def details(self) -> AgencyDetails:
        """Return the details from the form data."""
        data = self.cleaned_data
        return AgencyDetails(self.texts_by_language("name"), data["region"], data["country"], data["languages"])


class NewAgencyForm(UserForm, LanguageForm):
    """Form for a new agency with its first administrator."""

    private = True
    language_texts = {"name": LanguageText(_("Name of the agency"), 200)}
    code = forms.SlugField(label=_("Short code of the agency"), max_length=60)
    kind = CodeChoiceField("agency_kind", label=_("Kind of agency"), required=True, states=False)
    region = CodeChoiceField("region", label=_("Region"), states=False)
    country = CodeChoiceField(
        "country", label=_("Country"), states=False, help_text=_("For an agency abroad, such as an embassy.")
    )
    languages = CodeMultipleChoiceField(
        "language", label=_("Languages in which the agency helps"), states=False, required=True
    )
    field_order = (
        *("code", "kind", "name", "region", "country", "languages"),
        *("username", "full_name", "email", "language"),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        _drop_address(self)

    def clean(self) -> dict[str, object]:
        """Require a region or, for an agency abroad, a country."""
        return require_place(self)

    def agency(self) -> NewAgency:
        """Return the new agency from the form data."""
        cleaned = self.cleaned_data
        return NewAgency(
            code=cleaned["code"],
            kind=cleaned["kind"],
            names=self.texts_by_language("name"),
            region=cleaned["region"],
            country=cleaned["country"],
            languages=cleaned["languages"],
        )
