"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kerege.core.accounts import demo_sign_in
from kerege.core.accounts.models import Installation


def house(request: HttpRequest) -> dict[str, Any]:
    """`demo`: this register holds invented people. `demo_roles`: the sign-in buttons, empty unless they work here."""
    invented = Installation.is_demo()
    return {"demo": invented, "demo_roles": DemoRoles(request) if invented else ()}


class DemoRoles:
    """The roles with a sign-in button, asked only by the page that shows them."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __iter__(self) -> Any:
        return iter(demo_sign_in.offered_roles() if demo_sign_in.is_allowed(self._request) else [])

    def __bool__(self) -> bool:
        return demo_sign_in.is_allowed(self._request)
