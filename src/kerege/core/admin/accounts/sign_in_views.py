"""Views for sign-in, reauthentication, and the choice of agency and language."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import translate_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kerege.core import audit, pages
from kerege.core.accounts import demo_sign_in as accounts_demo_sign_in
from kerege.core.accounts import invitations
from kerege.core.accounts.actors import AGENCY_KEY, actor_for
from kerege.core.accounts.home_page import home_path
from kerege.core.accounts.models import Agency
from kerege.core.accounts.services import password_path
from kerege.core.authorization import Denied
from kerege.core.pages import reauthentication


@pages.public
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as the demo user of a role; respond 404 unless demo sign-in is allowed."""
    user = (
        accounts_demo_sign_in.demo_user(request.POST.get("role", ""))
        if accounts_demo_sign_in.is_allowed(request)
        else None
    )
    if user is None:
        raise Http404
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    reauthentication.remember(request, user, method="demo")
    request.session[accounts_demo_sign_in.SESSION_KEY] = True
    audit.record(actor_for(user), "accounts.demo_sign_in", f"user:{user.pk}")
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect(home_path())  # the language in which the button was pressed


@pages.public
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Ask for a click, since mail programs open links; lead to the choice of a password on POST."""
    row = invitations.find_invitation(request.GET.get("token", ""))
    if request.method == "POST" and row is not None:
        return redirect(password_path(row.user))
    return render(request, "account/invitation.html", {"is_valid": row is not None}, status=200 if row else 404)


@pages.page("accounts.start")
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Redirect a user to their home page in their language."""
    return redirect(home_path(request.user.language))  # type: ignore[union-attr]


@pages.page("accounts.choose_agency")
@require_http_methods(["GET", "POST"])
def choose_agency(request: HttpRequest) -> HttpResponse:
    """Let a user who works in several agencies choose the one in which they act."""
    agencies = Agency.objects.filter(active=True, assignments__user=request.user.pk).distinct()
    if request.method == "POST":
        chosen = request.POST.get("agency", "")
        agency = next((row for row in agencies if str(row.pk) == chosen), None)
        if agency is None:  # the page offers none but theirs
            raise Denied("accounts.choose_agency", hidden=True)
        request.session[AGENCY_KEY] = str(agency.pk)
        return redirect("accounts:start")
    return render(request, "account/agency.html", {"agencies": agencies})


@pages.page("accounts.password")
@require_GET
def no_password(request: HttpRequest) -> HttpResponse:
    """Explain to a user without a password why there is none to change; redirect others to the form."""
    if request.user.has_usable_password():  # type: ignore[union-attr]
        return redirect("account_change_password")
    return render(request, "account/no_password.html", {"by_button": accounts_demo_sign_in.is_demo_session(request)})


@pages.page("accounts.step_up")
@require_POST
def step_up(request: HttpRequest) -> HttpResponse:
    """Confirm the user's identity, then redirect to the page that required it."""
    return reauthentication.return_to(request)


@pages.page("accounts.start")
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Keep the user signed in: the request itself resets the idle limit."""
    return HttpResponse(status=204)


@pages.public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Redirect to the page in another language and store the choice of a signed-in user."""
    language, back = request.POST.get("language", ""), request.POST.get("next", "/")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    if request.user.is_authenticated:
        request.user.language = language
        request.user.save(update_fields=["language"])
    return redirect(translate_url(back, language))
