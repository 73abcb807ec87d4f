"""Autosaved drafts: the wrapper around every page of staff that shows or takes a form.

A form of `<c-form>` brings its token. An opened form is saved only once, however often it is sent. Input that could
not be saved is kept as an encrypted draft, and the page shows it when it is opened again.
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
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor, Denied, session_scope
from kerege.core.pages.decorators import DraftMiddleware, Show, draft_middleware
from kerege.web import form_state

# a request with this header autosaves the input and does not submit the form
HEADER = "X-Kerege-Draft"
KEEP, DISCARD, CHOICE, CHOICES = "form_keep", "form_discard", "form_choice_", "form_choices"
# context name: version of the object that the form of the page changes
VERSION = "form_version"
WORTH_COPYING = 40
PATIENCE, TURN = 3.0, 0.05
ABOUT = ("case", "referral", "signal", "service", "plan", "consent", "handover")


def address(request: HttpRequest) -> str:
    """Return the address of the page without its language, so that a draft is found in any language."""
    return request.get_full_path().removeprefix(f"/{get_language()}")


def here(page: str) -> str:
    """Return the address of a page in the current language."""
    return f"/{get_language()}{page}"


class Keeper:
    """State of the forms of one request: the form that was sent and the forms that the page shows."""

    def __init__(self, request: HttpRequest, actor: Actor) -> None:
        self.request, self.actor = request, actor
        self.mark = uuid4()
        # True if the sent form was not saved: the page shows it again under the same opening id
        self.goes_on = False
        self.bases: dict[str, form_state.Snapshot] = {}
        self.restored: dict[str, Draft] = {}
        # fields that two users changed: those without a choice, and those where the other user's value was chosen
        self.unresolved: set[str] = set()
        self.given_up: set[str] = set()

    @cached_property
    def token(self) -> Token | None:
        """Return the token of the request, if it belongs to this user and to this page."""
        token = form_token.read(self.request.POST.get(FIELD, "")) if self.request.method == "POST" else None
        fits = token is not None and token.user == str(self.actor.user_id) and token.target == address(self.request)
        return token if fits else None

    # -- a sent form ---------------------------------------------------------------------------------------------------
    def take(self, show: Show) -> HttpResponseBase:
        """Autosave, discard or submit the sent form."""
        token = self.token
        if HEADER in self.request.headers:
            return self._autosave(token)
        if token is None:
            return self._keep_foreign_form() or show()
        if DISCARD in self.request.POST:
            drafts.discard(token)
            return redirect(here(token.page))
        if KEEP in self.request.POST:
            self._save_draft(token)
            return redirect(here(token.page))
        self._read_choices()
        return self._save(token, show)

    def _autosave(self, token: Token | None) -> HttpResponse:
        if token is None:
            sent = form_token.read(self.request.POST.get(FIELD, ""))
            if sent is not None and sent.user != str(self.actor.user_id):
                return HttpResponse(status=404)  # a form that another user of this browser opened is not forged
            raise Http404
        if self._save_draft(token) is None:
            # the page sends its input again, in case the first copy was lost: after a save, no warning is needed
            return HttpResponse(status=204, headers={HEADER: "saved"}) if is_saved(token) else HttpResponse(status=410)
        return HttpResponse(status=204, headers={HEADER: "conflict" if moved(token) else "sent"})

    def _keep_foreign_form(self) -> HttpResponse | None:
        """Keep a form that another user of this browser opened as a draft of that user; save nothing."""
        token = form_token.read(self.request.POST.get(FIELD, ""))
        if token is None or token.user == str(self.actor.user_id):
            return None
        park(token, self.request.POST)
        messages.warning(self.request, _("This form was opened by another user. Nothing was saved."))
        return redirect(here(token.page))

    def _save(self, token: Token, show: Show) -> HttpResponseBase:
        if is_saved(token):
            return self._redirect_to_result(token)
        try:
            with audit.beginning(lambda: drafts.claim(token, self.mark)):
                response = show()
        except drafts.AlreadySent:
            return self._redirect_to_result(token)
        except (Http404, Denied):
            raise
        except Exception:
            self._save_draft(token)  # an error of the page loses no input
            raise
        led_to = response.url[:PAGE] if isinstance(response, HttpResponseRedirect) else here(token.page)
        saved = SentForm.objects.filter(opening=token.opening, request=self.mark).update(led_to=led_to)
        self.goes_on = not saved and not isinstance(response, HttpResponseRedirect)
        if self.goes_on:
            self._save_draft(token)
        return response

    def _save_draft(self, token: Token) -> Draft | None:
        """Save the input as a draft; return None if it cannot be saved, and say why on the next page."""
        try:
            return drafts.save(token, self.request.POST)
        except BadInput as bad:
            if HEADER not in self.request.headers:
                fault = bad.faults[0]
                messages.error(self.request, f"{_(fault.what)}: {_(fault.todo)}.")
            return None
        except (Refused, DatabaseError):
            return None

    def _redirect_to_result(self, token: Token) -> HttpResponse:
        """Redirect to the result of the first submission; wait at most PATIENCE seconds for it."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if led_to := SentForm.objects.values_list("led_to", flat=True).get(opening=token.opening):
                break
            time.sleep(TURN)
        messages.info(self.request, _("This form was sent more than once and saved once."))
        return redirect(led_to or here(token.page))

    def _read_choices(self) -> None:
        """Read the user's choices for the fields that two users changed."""
        names = self.request.POST.getlist(CHOICES)
        answers = {name: self.request.POST.get(CHOICE + name, "") for name in names}
        self.unresolved = {name for name, answer in answers.items() if answer not in {"mine", "theirs"}}
        self.given_up = {name for name, answer in answers.items() if answer == "theirs"}

    # -- shown forms ---------------------------------------------------------------------------------------------------
    def restore(self, response: HttpResponseBase) -> None:
        """Fill the forms of the page with the user's drafts."""
        if not isinstance(response, TemplateResponse) or response.context_data is None:
            return
        forms = {form_name(f): f for f in response.context_data.values() if isinstance(f, BaseForm) and not f.is_bound}
        self.bases |= {
            name: form_state.snapshot(form) for name, form in forms.items() if VERSION in response.context_data
        }
        if not forms:
            return
        for draft in drafts.waiting(self.actor.user_id, address(self.request)):
            if draft.form in forms and draft.form not in self.restored:
                self._fill_from_draft(draft, forms[draft.form], response.context_data)

    def _fill_from_draft(self, draft: Draft, form: BaseForm, context: dict[str, Any]) -> None:
        try:
            data, base = drafts.opened(draft)
        except Refused:
            return
        form_state.fill(form, data)
        self.restored[draft.form] = draft
        if base is not None:
            self.bases[draft.form] = base
            # keep the draft's version: a save still detects changes that others made since
            context[VERSION] = data.get("version", "0")
        audit.note(drafts=[str(draft.pk)])

    def rebase(self, form: BaseForm) -> None:
        """Take the current values as the ones that the user has seen."""
        self.bases[form_name(form)] = form_state.snapshot(form)

    def base(self, form: BaseForm) -> form_state.Snapshot | None:
        """Return the values that the user saw when they opened the sent form; None for another form."""
        return self.token.base if self.token and self.token.form == form_name(form) else None

    def form_context(self, form: BaseForm | None, target: str, context: Any) -> dict[str, Any]:
        """Return the template context of a form: its token, opening id, draft and target."""
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
        """Yield the (name, value) pairs of the form as hidden fields for the next submission."""
        for name, values in form.data.lists():  # type: ignore[attr-defined]
            if name not in drafts.NEVER | {"version", CHOICES} and not name.startswith(CHOICE):
                yield from ((name, value) for value in values)

    def opening(self, form: BaseForm | None, target: str, context: Any) -> Token:
        """Return the token of a form that the page shows."""
        name, sent = form_name(form), self.token
        is_sent_form = sent is not None and sent.form == name
        page = sent.page if is_sent_form and sent else address(self.request)
        base = self.bases.get(name, sent.base if is_sent_form and sent else None)
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
        # keep the opening id: drafts saved late or on the device belong to it and are removed with it
        return (
            replace(token, opening=sent.opening, draft=sent.draft) if is_sent_form and sent and self.goes_on else token
        )


def form_name(form: BaseForm | None) -> str:
    """Return the name that distinguishes the forms of a page: class and prefix.

    A class that was renamed keeps its first name as `draft_name`: stored drafts have it.
    """
    if form is None:
        return ""
    name = getattr(form, "draft_name", type(form).__name__)
    return f"{name}{form.prefix or ''}"[:80]


def about(context: Any) -> str:
    """Return the id of the data key of the person that a page is about; '' for none."""
    for subject in (context.get(name) for name in ABOUT):
        for path in ("record", "case.record", ""):
            target = subject
            for attribute in filter(None, path.split(".")):
                target = getattr(target, attribute, None)
            if key := getattr(target, "data_key_id", None):
                return str(key)
    return ""


def is_saved(token: Token) -> bool:
    """Return whether the opened form was saved already."""
    return SentForm.objects.filter(opening=token.opening).exists()


def moved(token: Token) -> bool:
    """Return whether the object of the form was changed since the form was opened."""
    if token.of is None:
        return False
    label, pk, version = token.of
    current = apps.get_model(label)._default_manager.filter(pk=pk).values_list("version", flat=True).first()
    return bool(str(current) != version)


def park(token: Token, data: QueryDict) -> bool:
    """Keep the input of a form sent without a session, as a draft of the user who opened the form."""
    if token.is_old or not User.objects.filter(pk=token.user, is_active=True).exists():
        return False
    try:
        with session_scope.bypass_row_security("no user is signed in; the token identifies the owner of the form"):
            return drafts.save(token, data, parked=True) is not None
    except (Refused, BadInput):
        return False


# -- entry points for the core -----------------------------------------------------------------------------------------
def around(request: HttpRequest, actor: Actor, show: Show) -> HttpResponseBase:
    """Answer a request of staff with the drafts of its forms."""
    keeper = Keeper(request, actor)
    vars(request)["keeper"] = keeper
    try:
        response = keeper.take(show) if request.method == "POST" else show()
        keeper.restore(response)
    except Erased:
        return erased(request)
    return response


def keeper_of(request: HttpRequest) -> Keeper:
    """Return the form state of a request of staff."""
    return cast(Keeper, vars(request)["keeper"])


def erased(request: HttpRequest) -> HttpResponse:
    """Answer 409 when the person was erased, and return the typed texts to the user; keep none of them."""
    texts = [text for name, values in request.POST.lists() if name not in drafts.NEVER for text in values]
    # show only texts worth copying: the user can type a code or a number again
    long_texts = [text for text in texts if len(text) > WORTH_COPYING or " " in text.strip()]
    return TemplateResponse(request, "vault/erased.html", {"words": long_texts}, status=409)


def signed_out(request: HttpRequest) -> HttpResponse | None:
    """Keep the input of a form whose session has ended, then redirect to the sign-in and back to the form."""
    token = form_token.read(request.POST.get(FIELD, "")) if request.method == "POST" else None
    is_kept = token is not None and token.target == address(request) and park(token, request.POST)
    if HEADER in request.headers:
        return HttpResponse(status=401, headers={HEADER: "kept" if is_kept else "lost"})
    if token is None or not is_kept:
        return None
    messages.warning(request, _("You were signed out. Your text is saved as a draft. Sign in and save it."))
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': here(token.page)})}")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose CSRF token is out of date, such as after a new sign-in in another window.

    The form token is encrypted by this server. Therefore the input is kept as a draft; nothing is saved.
    """
    if request.user.is_authenticated:  # nobody else, or a stranger could fill the log
        audit.refuse(actor_of(request), Denied("pages.forged"))
    token = form_token.read(request.POST.get(FIELD, ""))
    if token is None or token.target != address(request) or not park(token, request.POST):
        return csrf_failure(request, reason)
    if HEADER in request.headers:
        if not request.user.is_authenticated:  # the session cookie is gone as well
            return HttpResponse(status=401, headers={HEADER: "kept"})
        return HttpResponse(status=204, headers={HEADER: "sent"})
    messages.warning(request, _("This page was too old to be saved. Your text is here. Check it and save."))
    return redirect(here(token.page))


draft_middleware.add(DraftMiddleware("drafts", around, signed_out))
