"""Views with which users end their own sessions."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import list_usersessions
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kerege.core import audit, pages
from kerege.core.accounts import sessions
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Denied
from kerege.web.whole_numbers import read_number

# the list of allauth, whose button ends all other sessions
own_sessions = pages.stepped_up_to_post(list_usersessions)


@pages.page("accounts.sessions")
@require_POST
@pages.stepped_up_to_post
def end_one(request: HttpRequest) -> HttpResponse:
    """End one of the user's own sessions."""
    actor = actor_of(request)
    number = read_number(request.POST.get("session"))
    row = UserSession.objects.filter(user=request.user.pk, pk=number).first() if number is not None else None
    if row is None:
        raise Denied("accounts.end_sessions", hidden=True)
    with audit.act(actor, "accounts.end_sessions", f"user:{actor.user_id}") as event:
        event.note(sessions=sessions.end([row]))
    return redirect("usersessions_list")
