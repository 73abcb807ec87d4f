"""Views of the administrator: users with their roles, and agencies below this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kerege.base.errors import BadInput
from kerege.core import authorization, pages
from kerege.core.accounts import services, sessions
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency, Role, User
from kerege.core.admin.accounts.forms import NewAgencyForm, NewUserForm, RolesForm
from kerege.core.authorization import Actor


@pages.page("users.manage")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def users(request: HttpRequest) -> HttpResponse:
    """List the users of the agency; add a user on POST."""
    actor = actor_of(request)
    form = NewUserForm(request.POST or None)
    link = _saved(form, lambda: services.add_user(actor, _own_agency(actor), form.user(), form.cleaned_data["roles"]))
    return _show(request, form if link is None else NewUserForm(), link)


@pages.page("agencies.manage")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def agencies(request: HttpRequest) -> HttpResponse:
    """List the agencies below this one; add one with its administrator on POST."""
    actor = actor_of(request)
    form = NewAgencyForm(request.POST or None)
    link = _saved(form, lambda: services.add_agency(actor, _own_agency(actor), form.agency(), form.user()))
    below = _own_agency(actor).children.order_by("code")
    context = {"form": form if link is None else NewAgencyForm(), "link": _absolute(request, link), "agencies": below}
    return render(request, "accounts/agencies.html", context)


@pages.page("users.manage")
@require_POST
@pages.stepped_up_to_post
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a user a new password link, or toggle whether the user is active."""
    actor = actor_of(request)
    user = authorization.find(actor, User, action="users.manage", pk=pk)
    if "link" in request.POST:
        return _show(request, NewUserForm(), services.new_link(actor, user))
    if user.pk != actor.user_id:
        services.set_active(actor, user, not user.is_active)
    return redirect("accounts:users")


@pages.page("users.manage")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def rights(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show and change the roles of a user in this agency.

    List their sessions by start and kind of address.
    """
    actor = actor_of(request)
    user = authorization.find(actor, User, action="users.manage", pk=pk)
    held = user.assignments.filter(agency=actor.agency_id).values_list("role", flat=True)
    form = RolesForm(request.POST or None, initial={"roles": list(held)})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_roles(actor, user, _own_agency(actor), form.cleaned_data["roles"])
            messages.success(request, _("The roles are changed, and hold from now on."))
            return redirect("accounts:users")
        except BadInput as bad:
            form.add_error("roles", [f"{fault.what}, {fault.todo}" for fault in bad.faults])
    context = {"form": form, "user_shown": user, "sessions": sessions.of(user), "self": user.pk == actor.user_id}
    return render(request, "accounts/rights.html", context)


@pages.page("users.manage")
@require_POST
@pages.stepped_up_to_post
def end_sessions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End all sessions of a user."""
    actor = actor_of(request)
    user = authorization.find(actor, User, action="users.manage", pk=pk)
    services.end_sessions(actor, user)
    messages.success(request, _("Every session of this user is ended."))
    return redirect("accounts:rights", pk=pk)


def _own_agency(actor: Actor) -> Agency:
    return authorization.find(actor, Agency, action="agencies.manage", pk=actor.agency_id)


def _saved(form: Any, save: Callable[[], str]) -> str | None:
    """Save a valid form and return the password link, else None; faults of the service become form errors."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return save()
    except BadInput as bad:
        for fault in bad.faults:
            form.add_error(fault.column if fault.column in form.fields else None, f"{fault.what}, {fault.todo}")
        return None


def _show(request: HttpRequest, form: NewUserForm, link: str | None) -> HttpResponse:
    actor = actor_of(request)
    rows = authorization.scope(actor, User, action="users.manage").prefetch_related("assignments")
    people = [(user, _roles(user, actor.agency_id)) for user in rows]
    context = {"form": form, "people": people, "link": _absolute(request, link), "self": actor.user_id}
    return render(request, "accounts/users.html", context)


def _roles(user: User, agency_id: UUID | None) -> list[str]:
    return [str(Role(row.role).label) for row in user.assignments.all() if row.agency_id == agency_id]


def _absolute(request: HttpRequest, link: str | None) -> str:
    return request.build_absolute_uri(link) if link else ""
