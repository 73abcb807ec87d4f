"""Pages of the law: for staff, for the public, and the confirmation of a fact by two people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from kerege.base.errors import BadInput, Refused
from kerege.core import authorization, pages
from kerege.core.accounts import fact_confirmations as services
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.accounts.models import Agency, FactConfirmation
from kerege.core.admin.law.forms import FactForm
from kerege.core.authorization import Actor, Denied
from kerege.vocabulary import confirmations
from kerege.vocabulary.profile import Profile, ProfileFact, active
from kerege.vocabulary.profile_parts import Deadline, Fact, LawArticle, LegalBasis, NoticePeriod, ServiceTerm
from kerege.web import partial_dates
from kerege.web.navigation import navigation
from kerege.web.templatetags.kerege import code, language

ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


@dataclass(frozen=True)
class FactLine:
    """A fact in words: label, value, source, and its confirmation if it holds."""

    path: str
    label: str
    value: str
    source: str
    confirmed: bool
    confirmation: confirmations.Confirmation | None


@dataclass(frozen=True)
class PlaceLine:
    """A place of Kerege that serves an article; without an address it is not open to the reader."""

    label: str
    url_name: str


@dataclass(frozen=True)
class ArticleView:
    """An article as the page shows it."""

    article: LawArticle
    title: str
    duty: str
    missing: str
    actors: str
    # (fact, value in words)
    clocks: list[tuple[FactLine, str]]
    acts: list[FactLine]
    places: list[PlaceLine]
    fact: FactLine


def read_facts(profile: Profile) -> dict[str, FactLine]:
    """Return every fact of the profile in words, by path."""
    held = confirmations.read_home()
    return {fact.path: _line_of(fact, held) for fact in profile.facts()}


def _line_of(fact: ProfileFact, held: Mapping[str, confirmations.Confirmation]) -> FactLine:
    row = held.get(fact.path)
    holds = row if row and row.digest == confirmations.digest_of(fact.fact) else None
    value = "" if isinstance(fact.fact, LawArticle | LegalBasis) else fact.value
    return FactLine(
        path=fact.path,
        label=label_of(fact),
        value=_say_dates(value),
        source=_say_dates(fact.source),
        confirmed=fact.confirmed,
        confirmation=holds,
    )


def _say_dates(text: str) -> str:
    """Return a text of the profile with its dates as the reader writes them."""
    return ISO_DATE.sub(lambda match: partial_dates.words(date.fromisoformat(match[0])), text)


def label_of(fact: ProfileFact) -> str:
    """Return the label of a fact: the title of a law or an article, else that of the code list."""
    if isinstance(fact.fact, LegalBasis):
        return fact.fact.title.in_language(language())
    if isinstance(fact.fact, LawArticle):
        title = fact.fact.title.in_language(language())
        return _("Article %(number)s. %(title)s") % {"number": fact.fact.number, "title": title}
    return code(fact.path, "profile_fact")


def say_term(fact: Fact) -> str:
    """Return the value of a clock in words; '' for a fact that is no number of days or months."""
    if isinstance(fact, Deadline):
        words = ngettext("%(n)d working day", "%(n)d working days", fact.business_days)
        return words % {"n": fact.business_days}
    if isinstance(fact, NoticePeriod):
        return ngettext("%(n)d day", "%(n)d days", fact.days) % {"n": fact.days}
    if isinstance(fact, ServiceTerm):
        return _("%(n)d months, at most %(most)d") % {"n": fact.months, "most": fact.extended_months}
    return ""


def list_articles(profile: Profile, facts: Mapping[str, FactLine], roles: frozenset[str]) -> list[ArticleView]:
    """Return the articles in words; places are linked for roles whose menu holds them."""
    items = {item.url_name: item for item in navigation.all()}
    values = {fact.path: fact.fact for fact in profile.facts()}
    spoken = language()
    return [
        ArticleView(
            article=article,
            title=article.title.in_language(spoken),
            duty=article.duty.in_language(spoken),
            missing=article.missing.in_language(spoken) if article.missing else "",
            actors=", ".join(code(kind, "agency_kind") for kind in article.actors),
            clocks=[(facts[path], say_term(values[path])) for path in article.clocks],
            acts=[facts[f"legal_basis.{basis}"] for basis in article.acts],
            places=[
                PlaceLine(str(items[name].label), name if items[name].open_to(roles) else "") for name in article.places
            ],
            fact=facts[f"law.{article.id}"],
        )
        for article in profile.law
    ]


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


@pages.public
@require_GET
def show_public_law(request: HttpRequest) -> HttpResponse:
    """Show the law article by article to the public, with a mark for everything that no lawyer confirmed."""
    return TemplateResponse(request, "accounts/law_public.html", _context(frozenset()))


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
    row = get_object_or_404(rows, pk=_read_id(request.POST.get("request", "")))
    try:
        if "withdraw" in request.POST:
            services.withdraw_confirmation(actor, row)
            messages.success(request, _("The confirmation is taken back."))
        else:
            is_given = "give" in request.POST
            services.decide_confirmation(actor, row, give=is_given)
            messages.success(request, _("The fact is confirmed.") if is_given else _("The request is refused."))
    except Denied:
        raise
    except BadInput as error:
        messages.error(request, "; ".join(f"{fault.what}: {fault.todo}." for fault in error.faults))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("law:confirm")


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
