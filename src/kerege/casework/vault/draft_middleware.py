"""Never lose typing: what goes around every page of staff that shows or takes a form.

A form of `<c-form>` brings its token. With it an opened form is saved once only, however often it is sent; what was
typed is kept when it could not be saved; and the page, opened again, shows it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, cast
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure

from kerege.base.errors import BadInput, Refused
from kerege.casework.vault.crypto import form_token
from kerege.casework.vault.crypto.envelope import Erased
from kerege.casework.vault.crypto.form_token import FIELD, Token
from kerege.casework.vault.models.drafts import PAGE, Draft, SentForm
from kerege.casework.vault.services import drafts
from kerege.core import audit
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor, Denied, session_scope
from kerege.core.pages.decorators import DraftMiddleware, Show, draft_middleware
from kerege.web import form_state

# a request with this header only keeps what is typed
HEADER = "X-Kerege-Draft"
KEEP, DISCARD, CHOICE, CHOICES = "form_keep", "form_discard", "form_choice_", "form_choices"
# where a page holds the version of what its form changes
VERSION = "form_version"
WORTH_COPYING = 40
PATIENCE, TURN = 3.0, 0.05
ABOUT = ("case", "referral", "signal", "service", "plan", "consent", "handover")


def address(request: HttpRequest) -> str:
    """The page without its language: a draft follows its user into another one."""
    return request.get_full_path().removeprefix(f"/{get_language()}")


def here(page: str) -> str:
    """A page in the language of now."""
    return f"/{get_language()}{page}"


class Keeper:
    """What one request knows of the form it got and of those it shows."""

    def __init__(self, request: HttpRequest, actor: Actor) -> None:
        self.request, self.actor = request, actor
        self.mark = uuid4()
        # the form that came was not saved: shown again, it is the same opened one
        self.goes_on = False
        self.bases: dict[str, form_state.Snapshot] = {}
        self.restored: dict[str, Draft] = {}
        # fields that two people changed: still to choose, and where the other's value was chosen
        self.unresolved: set[str] = set()
        self.given_up: set[str] = set()

    @cached_property
    def token(self) -> Token | None:
        """The token that came with the request, if it is this user's and was made for this page."""
        token = form_token.read(self.request.POST.get(FIELD, "")) if self.request.method == "POST" else None
        fits = token is not None and token.user == str(self.actor.user_id) and token.target == address(self.request)
        return token if fits else None

    # -- a form came ---------------------------------------------------------------------------------------------------
    def take(self, show: Show) -> HttpResponseBase:
        """Keep, discard or save what was sent."""
        token = self.token
        if HEADER in self.request.headers:
            return self._keep_only(token)
        if token is None:
            return self._foreign() or show()
        if DISCARD in self.request.POST:
            drafts.discard(token)
            return redirect(here(token.page))
        if KEEP in self.request.POST:
            self._keep(token)
            return redirect(here(token.page))
        self._choose()
        return self._save(token, show)

    def _keep_only(self, token: Token | None) -> HttpResponse:
        if token is None:
            raise Http404
        if self._keep(token) is None:
            return HttpResponse(status=410)
        return HttpResponse(status=204, headers={HEADER: "conflict" if moved(token) else "sent"})

    def _foreign(self) -> HttpResponse | None:
        """A form that was opened by another user of this browser is kept for her, not saved in this one's name."""
        token = form_token.read(self.request.POST.get(FIELD, ""))
        if token is None or token.user == str(self.actor.user_id):
            return None
        park(token, self.request.POST)
        messages.warning(self.request, _("This form was opened by somebody else. Nothing was saved."))
        return redirect(here(token.page))

    def _save(self, token: Token, show: Show) -> HttpResponseBase:
        if SentForm.objects.filter(opening=token.opening).exists():
            return self._first_result(token)
        try:
            with audit.beginning(lambda: drafts.claim(token, self.mark)):
                response = show()
        except drafts.AlreadySent:
            return self._first_result(token)
        except (Http404, Denied):
            raise
        except Exception:
            self._keep(token)  # a page that broke loses nothing
            raise
        led_to = response.url[:PAGE] if isinstance(response, HttpResponseRedirect) else here(token.page)
        saved = SentForm.objects.filter(opening=token.opening, request=self.mark).update(led_to=led_to)
        self.goes_on = not saved and not isinstance(response, HttpResponseRedirect)
        if self.goes_on:
            self._keep(token)
        return response

    def _keep(self, token: Token) -> Draft | None:
        """Keep what came, if it can be kept."""
        try:
            return drafts.save(token, self.request.POST)
        except (Refused, BadInput, DatabaseError):
            return None

    def _first_result(self, token: Token) -> HttpResponse:
        """Lead to where the first press led, as soon as that is known."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if led_to := SentForm.objects.values_list("led_to", flat=True).get(opening=token.opening):
                break
            time.sleep(TURN)
        messages.info(self.request, _("This form was sent more than once and saved once."))
        return redirect(led_to or here(token.page))

    def _choose(self) -> None:
        """Read what was chosen where two people had changed a field."""
        asked = self.request.POST.getlist(CHOICES)
        answers = {name: self.request.POST.get(CHOICE + name, "") for name in asked}
        self.unresolved = {name for name, answer in answers.items() if answer not in {"mine", "theirs"}}
        self.given_up = {name for name, answer in answers.items() if answer == "theirs"}

    # -- forms are shown -----------------------------------------------------------------------------------------------
    def restore(self, response: HttpResponseBase) -> None:
        """Put drafts into the forms that the page is about to show."""
        if not isinstance(response, TemplateResponse) or response.context_data is None:
            return
        shown = {form_name(f): f for f in response.context_data.values() if isinstance(f, BaseForm) and not f.is_bound}
        self.bases |= {
            name: form_state.snapshot(form) for name, form in shown.items() if VERSION in response.context_data
        }
        if not shown:
            return
        for draft in drafts.waiting(self.actor.user_id, address(self.request)):
            if draft.form in shown and draft.form not in self.restored:
                self._put_back(draft, shown[draft.form], response.context_data)

    def _put_back(self, draft: Draft, form: BaseForm, context: dict[str, Any]) -> None:
        try:
            data, base = drafts.opened(draft)
        except Refused:
            return
        form_state.fill(form, data)
        self.restored[draft.form] = draft
        if base is not None:
            self.bases[draft.form] = base
            # saving it must still notice what others changed since
            context[VERSION] = data.get("version", "0")
        audit.note(drafts=[str(draft.pk)])

    def rebase(self, form: BaseForm) -> None:
        """From now on the user knows what stands there now."""
        self.bases[form_name(form)] = form_state.snapshot(form)

    def base(self, form: BaseForm) -> form_state.Snapshot | None:
        """What the user saw when she opened the form that came."""
        return self.token.base if self.token and self.token.form == form_name(form) else None

    def shown(self, form: BaseForm | None, target: str, context: Any) -> dict[str, Any]:
        """What the form's template needs."""
        draft = self.restored.get(form_name(form))
        token = self.opening(form, target, context)
        return {
            "token": form_token.write(token),
            "opening": token.opening,
            "draft": draft,
            "once_only": form is None,
            "target": target,
        }

    def sent(self, form: BaseForm) -> Iterator[tuple[str, str]]:
        """What the form holds, to be sent again with it."""
        for name, values in form.data.lists():  # type: ignore[attr-defined]
            if name not in drafts.NEVER | {"version", CHOICES} and not name.startswith(CHOICE):
                yield from ((name, value) for value in values)

    def opening(self, form: BaseForm | None, target: str, context: Any) -> Token:
        """The token of a form that is about to be shown."""
        name, came = form_name(form), self.token
        same = came is not None and came.form == name
        page = came.page if same and came else address(self.request)
        base = self.bases.get(name, came.base if same and came else None)
        draft = self.restored.get(name)
        case, version = context.get("case"), context.get(VERSION)
        token = Token(
            user=str(self.actor.user_id),
            page=page,
            target=target.removeprefix(f"/{get_language()}") if target else address(self.request),
            form=name,
            key=about(context),
            base=base,
            of=[case._meta.label, str(case.pk), str(version)] if case is not None and version else None,
            draft=[str(draft.pk), draft.saved_at.isoformat()] if draft else None,
            held_back=form_state.held_back(form),
        )
        # what was sent late, or is found on the device, belongs to it too and goes when it is saved
        return replace(token, opening=came.opening, draft=came.draft) if same and came and self.goes_on else token


def form_name(form: BaseForm | None) -> str:
    """How a page tells its forms apart."""
    return f"{type(form).__name__}{form.prefix or ''}"[:80] if form is not None else ""


def about(context: Any) -> str:
    """The key of the person that a page is about; '' when it is about none, or none yet."""
    for thing in (context.get(name) for name in ABOUT):
        for path in ("record", "case.record", ""):
            found = thing
            for step in filter(None, path.split(".")):
                found = getattr(found, step, None)
            if key := getattr(found, "data_key_id", None):
                return str(key)
    return ""


def moved(token: Token) -> bool:
    """Whether somebody changed what this form is about since it was opened."""
    if token.of is None:
        return False
    label, pk, version = token.of
    now = apps.get_model(label)._default_manager.filter(pk=pk).values_list("version", flat=True).first()
    return bool(str(now) != version)


def park(token: Token, data: QueryDict) -> bool:
    """Keep what came without a session, for the user who opened the form and for nobody else."""
    if token.is_old or not User.objects.filter(pk=token.user, is_active=True).exists():
        return False
    try:
        with session_scope.beyond("nobody is signed in; the token says whose form it is"):
            return drafts.save(token, data, parked=True) is not None
    except (Refused, BadInput):
        return False


# -- what the core calls -----------------------------------------------------------------------------------------------
def around(request: HttpRequest, actor: Actor, show: Show) -> HttpResponseBase:
    """A page of staff, with its forms kept."""
    keeper = Keeper(request, actor)
    vars(request)["keeper"] = keeper
    try:
        response = keeper.take(show) if request.method == "POST" else show()
        keeper.restore(response)
    except Erased:
        return erased(request)
    return response


def keeper_of(request: HttpRequest) -> Keeper:
    """Who keeps the forms of a page of staff."""
    return cast(Keeper, vars(request)["keeper"])


def erased(request: HttpRequest) -> HttpResponse:
    """What was to be written is about a person who was erased: say so and give the words back; nothing keeps them."""
    told = [value for name, values in request.POST.lists() if name not in drafts.NEVER for value in values]
    # a code or a number is no loss
    words = [value for value in told if len(value) > WORTH_COPYING or " " in value.strip()]
    return TemplateResponse(request, "vault/erased.html", {"words": words}, status=409)


def signed_out(request: HttpRequest) -> HttpResponse | None:
    """A form whose session is over: keep what was typed, then lead to the sign-in and back to the form."""
    token = form_token.read(request.POST.get(FIELD, "")) if request.method == "POST" else None
    kept = token is not None and token.target == address(request) and park(token, request.POST)
    if HEADER in request.headers:
        return HttpResponse(status=401, headers={HEADER: "kept" if kept else "lost"})
    if token is None or not kept:
        return None
    messages.warning(request, _("You were signed out. What you typed is kept: sign in, and save it."))
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': here(token.page)})}")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose protection is out of date, such as one opened before signing in again in another window.

    Its token can only come from us; what was typed is kept, nothing is saved.
    """
    token = form_token.read(request.POST.get(FIELD, ""))
    if token is None or token.target != address(request) or not park(token, request.POST):
        return csrf_failure(request, reason)
    if HEADER in request.headers:
        if not request.user.is_authenticated:  # every cookie is gone, the session with it
            return HttpResponse(status=401, headers={HEADER: "kept"})
        return HttpResponse(status=204, headers={HEADER: "sent"})
    messages.warning(request, _("This page was too old to be saved. What you typed is here: look at it, and save."))
    return redirect(here(token.page))


draft_middleware.add(DraftMiddleware("drafts", around, signed_out))
