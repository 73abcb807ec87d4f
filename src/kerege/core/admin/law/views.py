"""Pages of the law: for staff, for the public, and the confirmation of a fact by two people."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kerege.base.errors import BadInput, Refused
from kerege.core import authorization, pages
from kerege.core.accounts import fact_confirmations as services
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.accounts.models import Agency, FactConfirmation
from kerege.core.admin.law.fact_words import FactLine, list_articles, read_facts
from kerege.core.admin.law.forms import FactForm
from kerege.core.authorization import Actor, Denied
from kerege.vocabulary import confirmations
from kerege.vocabulary.profile import active
from kerege.web.forms import pressed_button


def _context(roles: frozenset[str]) -> dict[str, object]:
    profile = active()
    facts = read_facts(profile)
    others = [line for path, line in facts.items() if not path.startswith("law.")]
    waiting = sum(not line.confirmed for line in facts.values())
    articles = list_articles(profile, facts, roles)
    return {"articles": articles, "facts": others, "unconfirmed": waiting, "all": len(facts)}


@pages.page("law.view")
@require_GET
def show_law(request: HttpRequest) -> HttpResponse:
    """Show the law article by article, and every fact of the country profile with its confirmation."""
    actor = actor_of(request)
    context = _context(actor.roles) | {"may_confirm": may_confirm(actor)}
    return TemplateResponse(request, "accounts/law.html", context)


def may_confirm(actor: Actor) -> bool:
    """Return whether the actor may ask for a confirmation or decide on one."""
    return authorization.scope(actor, Agency, action="facts.request").exists()


@pages.page("facts.request")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask to confirm a fact; decide on the request of another person, or take a confirmation back."""
    actor = actor_of(request)
    is_allowed = may_confirm(actor)
    if request.method == "POST" and not is_allowed:
        raise Denied("facts.request")
    if request.method == "POST" and "request" in request.POST:
        return _decide(request, actor)
    facts = read_facts(active())
    line = facts.get(request.POST.get("fact") or request.GET.get("fact", ""))
    form = _build_form(request, line) if is_allowed else None
    if request.method == "POST" and form is not None and _try_request(actor, form):
        messages.success(request, _("The request is sent. Another person confirms it."))
        return redirect("law:confirm")
    rows = authorization.scope(actor, FactConfirmation, action="facts.confirm")
    context = {
        "fact": line,
        "form": form,
        "waiting": [(row, facts.get(row.path)) for row in rows.filter(outcome="")],
        "given": [(row, facts.get(row.path)) for row in rows.filter(outcome="given", ended_at=None)],
        "me": actor.label,
        "may_confirm": is_allowed,
    }
    return TemplateResponse(request, "accounts/confirm_fact.html", context)


def _build_form(request: HttpRequest, line: FactLine | None) -> FactForm | None:
    if line is None or line.confirmed:
        return None
    digest = confirmations.digest_of(services.find_fact(line.path).fact)
    return FactForm(request.POST or None, initial={"fact": line.path, "digest": digest})


def _try_request(actor: Actor, form: FactForm) -> bool:
    """Ask for a confirmation, or add the faults to the form; return whether it was asked for."""
    if not form.is_valid():
        return False
    try:
        services.request_confirmation(actor, agency_of(actor), form.to_request())
    except BadInput as error:
        form.add_error(None, [ValidationError(f"{fault.what}: {fault.todo}.") for fault in error.faults])
        return False
    return True


def _decide(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Confirm, refuse or take back, as the button says."""
    rows = authorization.scope(actor, FactConfirmation, action="facts.confirm")
    row = get_object_or_404(rows, pk=read_id(request.POST.get("request", "")))
    button = pressed_button(request.POST, "withdraw", "give", "refuse")
    try:
        if button == "withdraw":
            services.withdraw_confirmation(actor, row)
            messages.success(request, _("The confirmation is taken back."))
        else:
            is_given = button == "give"
            services.decide_confirmation(actor, row, give=is_given)
            messages.success(request, _("The fact is confirmed.") if is_given else _("The request is refused."))
    except Denied:
        raise
    except BadInput as error:
        messages.error(request, "; ".join(f"{fault.what}: {fault.todo}." for fault in error.faults))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("law:confirm")


def read_id(text: str) -> UUID | None:
    """Return an id that a form sent; None for any other text."""
    try:
        return UUID(text)
    except ValueError:
        return None
