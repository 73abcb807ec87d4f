"""Views of the administrator: users with their roles, and agencies below this one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from kerege.base.errors import BadInput, Refused
from kerege.core import authorization, pages
from kerege.core.accounts import (
    access_reviews,
    addresses,
    agency_changes,
    agency_details,
    invitations,
    recovery,
    services,
    sessions,
)
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import (
    AccessReview,
    Agency,
    AgencyChange,
    FactorReset,
    Invitation,
    Role,
    RoleRequest,
    User,
)
from kerege.core.accounts.open_work import list_user_work
from kerege.core.accounts.role_requests import decide
from kerege.core.admin.accounts.forms import MoveUserForm, NewAgencyForm, NewUserForm, RolesForm
from kerege.core.authorization import Actor, Denied
from kerege.web.forms import pressed_button
from kerege.web.whole_numbers import read_number

View = Callable[..., HttpResponse]
MOST_PAST = 20  # ended roles on the page of a user
INVITED = gettext_noop("The invitation is on its way. Its link works for 72 hours.")


@pages.page("users.manage")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def users(request: HttpRequest) -> HttpResponse:
    """List the users of the agency; add a user on POST."""
    actor = actor_of(request)
    agency = _own_agency(actor)
    form = NewUserForm(request.POST or None, agency=agency)

    def add() -> str:
        chosen = form.cleaned_data
        if chosen.get("email"):
            invitations.invite_user(actor, agency, form.user(), chosen["roles"], chosen["reason"])
            messages.success(request, _(INVITED))
            return ""
        return services.add_user(actor, agency, form.user(), chosen["roles"], chosen["reason"])

    link = _saved(form, add)
    return (
        redirect("accounts:users")
        if link == ""
        else _show(request, form if link is None else NewUserForm(agency=agency), link)
    )


@pages.page("agencies.manage")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def agencies(request: HttpRequest) -> HttpResponse:
    """List this agency and those below it; add one with its administrator on POST."""
    actor = actor_of(request)
    form = NewAgencyForm(request.POST or None)

    def add() -> str:
        own = _own_agency(actor)
        if form.cleaned_data.get("email"):
            invitations.invite_agency(actor, own, form.agency(), form.user())
            messages.success(request, _(INVITED))
            return ""
        return services.add_agency(actor, own, form.agency(), form.user())

    link = _saved(form, add)
    if link == "":
        return redirect("accounts:agencies")
    tree = agency_details.list_tree(actor)
    context = {"form": form if link is None else NewAgencyForm(), "link": _absolute(request, link), "agencies": tree}
    return render(request, "accounts/agencies.html", context)


def _explain_refusals(view: View) -> View:
    """Wrap a view so that a refusal of a service becomes a message on the page where the user was."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Denied:
            raise
        except (BadInput, Refused) as refusal:
            messages.error(request, str(refusal))
            return redirect(request.path if request.method == "POST" and "pk" not in kwargs else "accounts:users")

    return wrapped


@pages.page("users.manage")
@require_POST
@pages.stepped_up_to_post
@_explain_refusals
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a user a new password link, or toggle whether the user is active."""
    actor = actor_of(request)
    user = authorization.find(actor, User, action="users.manage", pk=pk)
    if "link" in request.POST:
        return _show(request, NewUserForm(agency=_own_agency(actor)), services.new_link(actor, user))
    if "invite" in request.POST:
        invitations.send_again(actor, user)
        messages.success(request, _(INVITED))
    elif "withdraw" in request.POST:
        invitations.withdraw(actor, user)
        messages.success(request, _("The invitation is withdrawn, and the account is not active."))
    elif user.pk != actor.user_id:
        services.set_active(actor, user, not user.is_active)
    return redirect("accounts:users")


@pages.page("users.manage")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
@_explain_refusals
def rights(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show and change the roles of a user in this agency.

    List their sessions by start and kind of address.
    """
    actor = actor_of(request)
    user = authorization.find(actor, User, action="users.manage", pk=pk)
    agency = _own_agency(actor)
    held = list(user.assignments.filter(agency=agency).values_list("role", flat=True))
    form = RolesForm(request.POST if "roles" in request.POST else None, initial={"roles": held}, agency=agency)
    if "lost" in request.POST:
        recovery.ask_reset(actor, user, request.POST.get("reason", ""))
        messages.success(request, _("The request waits for a second person."))
        return redirect("accounts:rights", pk=pk)
    if "address" in request.POST:
        addresses.enter_address_of_user(actor, user, request.POST.get("email", ""))
        messages.success(request, _("A message with a link is on its way. The user opens it, signed in."))
        return redirect("accounts:rights", pk=pk)
    moving = MoveUserForm(request.POST if "move" in request.POST else None, agency=agency, initial={"roles": held})
    if moving.is_bound and moving.is_valid():
        requested = services.move_user(actor, user, agency, **moving.cleaned_data)
        messages.success(request, _waiting(requested))
        return redirect("accounts:users")
    if "remove" in request.POST:
        services.remove_user(actor, user, agency)
        messages.success(request, _("The user has no role in this agency any more."))
        return redirect("accounts:users")
    if form.is_bound and form.is_valid():
        try:
            chosen = form.cleaned_data
            requested = services.change_roles(actor, user, agency, chosen["roles"], chosen["reason"])
            messages.success(request, _waiting(requested) or _("The roles are changed, and hold from now on."))
            return redirect("accounts:users")
        except BadInput as bad:
            form.add_error("roles", [f"{fault.what}, {fault.todo}" for fault in bad.faults])
    context = {"form": form, "user_shown": user, "sessions": sessions.of(user), "self": user.pk == actor.user_id}
    context |= {"can_send": addresses.can_send(), "moving": moving, "held": held}
    context |= {"work": list_user_work(user, agency), "past": user.past_roles.select_related("agency")[:MOST_PAST]}
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


@pages.page("roles.confirm")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
@_explain_refusals
def role_requests(request: HttpRequest) -> HttpResponse:
    """List the requests for roles that wait for this administrator; give or refuse one on POST."""
    actor = actor_of(request)
    waiting = authorization.scope(actor, RoleRequest, action="roles.confirm").filter(outcome="")
    if request.method == "POST":
        is_given = pressed_button(request.POST, "give", "refuse") == "give"
        pk = _uuid(request.POST.get("request", ""))
        if "change" in request.POST:
            change = authorization.find(actor, AgencyChange, action="agencies.confirm_change", pk=pk)
            agency_changes.decide_change(actor, change, give=is_given)
            messages.success(request, _("The agency is changed.") if is_given else _("The request is refused."))
        elif "reset" in request.POST:
            reset = authorization.find(actor, FactorReset, action="users.recover", pk=pk)
            recovery.decide_reset(actor, reset, give=is_given)
            messages.success(request, _("The second factor is removed.") if is_given else _("The request is refused."))
        else:
            decide(actor, authorization.find(actor, RoleRequest, action="roles.confirm", pk=pk), give=is_given)
            messages.success(request, _("The role is given.") if is_given else _("The role is refused."))
        return redirect("accounts:role-requests")
    own = RoleRequest.objects.filter(agency=actor.agency_id, asked_by=actor.label, outcome="")
    context = {
        "waiting": waiting.select_related("user", "agency", "agency__parent"),
        "resets": authorization.scope(actor, FactorReset, action="users.recover")
        .filter(outcome="")
        .select_related("user"),
        "own": own.select_related("user", "agency"),
        "changes": authorization.scope(actor, AgencyChange, action="agencies.confirm_change")
        .filter(outcome="")
        .select_related("agency", "agency__parent", "target"),
    }
    return render(request, "accounts/role_requests.html", context)


@pages.page("access.review")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def access_review(request: HttpRequest) -> HttpResponse:
    """List the roles of the running review; confirm the chosen ones on POST."""
    actor = actor_of(request)
    if request.method == "POST":
        chosen = [number for number in map(read_number, request.POST.getlist("role")) if number is not None]
        try:
            count = access_reviews.confirm(actor, chosen)
            text = ngettext("%(count)s role is confirmed.", "%(count)s roles are confirmed.", count)
            messages.success(request, text % {"count": count})
        except Denied:
            raise
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("accounts:access-review")
    due = AccessReview.objects.filter(agency=actor.agency_id, closed_at=None).order_by("due_on", "pk").first()
    context = {"roles": access_reviews.roles_to_review(actor), "review": due}
    return render(request, "accounts/access_review.html", context)


def _uuid(text: str) -> UUID:
    """Return an id that a form sent; raise Http404 for any other text."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _waiting(roles: list[str]) -> str:
    """Return a sentence on the roles that wait for a second person, '' when none does."""
    labels = ", ".join(str(Role(role).label) for role in roles)
    return _("Waits for a second person: %(roles)s.") % {"roles": labels} if roles else ""


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
    waiting = dict[UUID, list[str]]()
    for row in RoleRequest.objects.filter(agency=actor.agency_id, outcome=""):
        waiting.setdefault(row.user_id, []).append(str(Role(row.role).label))
    invited = {row.user_id: row for row in Invitation.objects.filter(user__in=rows, used_at=None, ended_at=None)}
    people = [(user, _roles(user, actor.agency_id), waiting.get(user.pk, []), invited.get(user.pk)) for user in rows]
    context = {"form": form, "people": people, "link": _absolute(request, link), "self": actor.user_id}
    return render(request, "accounts/users.html", context)


def _roles(user: User, agency_id: UUID | None) -> list[str]:
    return [str(Role(row.role).label) for row in user.assignments.all() if row.agency_id == agency_id]


def _absolute(request: HttpRequest, link: str | None) -> str:
    return request.build_absolute_uri(link) if link else ""
