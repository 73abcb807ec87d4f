"""Views with which users enter, confirm and remove their e-mail address."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kerege.base.errors import Refused
from kerege.core import pages
from kerege.core.accounts import addresses
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import User
from kerege.web.forms import Form


class AddressForm(Form):
    """The address to which messages go."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("Messages hold a reference and a link, never a name or another personal detail."),
    )


@pages.page("accounts.address")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def own_address(request: HttpRequest) -> HttpResponse:
    """Show the user's address; enter another one or remove it on POST."""
    actor, user = actor_of(request), cast("User", request.user)
    if "remove" in request.POST:
        addresses.remove_own_address(actor, user)
        messages.success(request, _("The address is removed. No message is sent to you any more."))
        return redirect("accounts:address")
    form = AddressForm(request.POST or None)
    if form.is_bound and form.is_valid() and addresses.can_send():
        addresses.enter_own_address(actor, user, form.cleaned_data["email"])
        messages.success(request, _("A message with a link is on its way. Open the link within 24 hours."))
        return redirect("accounts:address")
    return render(request, "account/address.html", {"form": form, "can_send": addresses.can_send()})


@pages.page("accounts.address")
@require_http_methods(["GET", "POST"])
def confirm_address(request: HttpRequest) -> HttpResponse:
    """Ask for a click, since mail programs open links by themselves; confirm the address on POST."""
    user, token = cast("User", request.user), request.GET.get("token", "")
    if request.method == "POST":
        try:
            addresses.confirm_address(actor_of(request), user, token)
            messages.success(request, _("The address is confirmed. Messages go there from now on."))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("accounts:address")
    return render(request, "account/confirm_address.html", {"is_valid": addresses.is_valid(user, token)})
