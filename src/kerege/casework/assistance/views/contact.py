"""Pages of safe contact: the rules, then the number, then the result of the attempt."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from kerege.casework.assistance.forms.contact import ContactAttemptForm, ContactRulesForm, RulesReadForm
from kerege.casework.assistance.queries import plans as queries
from kerege.casework.assistance.services import contact as contact_services
from kerege.casework.assistance.views.form_view import get_tab_url, save_form
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.vault.identity import ContactRules
from kerege.casework.vault.queries import identities as vault
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.core.pages import reauthentication


@pages.page("cases.change")
@BOTH
def show_contact(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show the contact details after the user confirms reading the rules; the audit log records it."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    identity = vault.read(actor, case.record)
    rules = identity.get("contact_rules", ContactRules())
    rules_form = RulesReadForm(request.POST or None)
    context = bar(actor, case, identity) | {"rules": rules, "read": rules_form, "contacts": queries.list_contacts(case)}
    if request.method == "POST" and rules_form.is_valid():
        is_log = "log" in request.POST
        form = ContactAttemptForm(rules, request.POST if is_log else None)
        if is_log and form.is_valid():
            contact_services.log_contact(actor, case, **form.cleaned_data)
            messages.success(request, _("The contact is recorded."))
            return redirect(get_tab_url(case))
        # recording a result shows no number, so only the reveal needs reauthentication
        if (confirm_page := reauthentication.ask(request)) is not None:
            return confirm_page
        revealed = contact_services.reveal_contact(actor, case)
        context |= {"form": form, "phones": revealed.get("phones", []), "email": revealed.get("email", "")}
    return TemplateResponse(request, "assistance/contact.html", context)


@pages.page("cases.change")
@BOTH
def change_contact_rules(request: HttpRequest, pk: Any) -> HttpResponse:
    """Change the safe contact rules."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    form = ContactRulesForm(request.POST or None, initial=dict(vault.read(actor, case.record).get("contact_rules", {})))

    def save(data: dict[str, Any]) -> None:
        contact_services.set_contact_rules(actor, case, data)  # type: ignore[arg-type]

    words = (_("Rules of safe contact"), _("Save"), _("The rules are saved."))
    return save_form(request, case, form, save, words)
