"""Forms of the administrator."""

from __future__ import annotations

from typing import cast

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kerege.core.accounts.agency_details import AgencyDetails, current_details
from kerege.core.accounts.models import Agency, Role
from kerege.core.accounts.role_rules import permitted_roles
from kerege.core.accounts.services import NewAgency, NewUser
from kerege.web.forms import CodeChoiceField, CodeMultipleChoiceField, Form
from kerege.web.language_forms import LanguageForm, LanguageText, initial_texts


class UserForm(Form):
    """Form for a new user, who chooses their own password later."""

    username = forms.CharField(
        label=_("User name"), max_length=60, help_text=_("Small Latin letters, digits, dots and dashes.")
    )
    full_name = forms.CharField(label=_("Full name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def user(self) -> NewUser:
        """Return the new user from the form data."""
        cleaned = self.cleaned_data
        return NewUser(cleaned["username"].strip().lower(), cleaned["full_name"], cleaned["language"])


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

    field_order = ("username", "full_name", "language", "roles", "reason")


class AgencyDetailsForm(LanguageForm):
    """Form for what an administrator changes of an agency without a second person."""

    language_texts = {"name": LanguageText(_("Name of the agency"), 200)}
    region = CodeChoiceField("region", label=_("Region"), states=False)
    country = CodeChoiceField(
        "country", label=_("Country"), states=False, help_text=_("For an agency abroad, such as an embassy.")
    )
    languages = CodeMultipleChoiceField("language", label=_("Languages in which the agency helps"), states=False)

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
    kind = CodeChoiceField("agency_kind", label=_("Kind of agency"), required=True)
    field_order = ("code", "kind", "name", "username", "full_name", "language")

    def agency(self) -> NewAgency:
        """Return the new agency from the form data."""
        cleaned = self.cleaned_data
        return NewAgency(cleaned["code"], cleaned["kind"], self.texts_by_language("name"))
