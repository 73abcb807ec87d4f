"""Context processors of all templates."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kerege.core.accounts import demo_sign_in
from kerege.core.accounts.models import Installation


def house(request: HttpRequest) -> dict[str, Any]:
    """Return `demo`, `demo_roles` and `is_demo_session`.

    `demo` says whether the register holds synthetic microdata; `demo_roles` are the sign-in buttons that work here.
    `is_demo_session` is a function, so that only a page that asks reads the session.
    """
    invented = Installation.is_demo()
    return {
        "demo": invented,
        "demo_roles": DemoRoles(request) if invented else (),
        "is_demo_session": lambda: demo_sign_in.is_demo_session(request),
    }


class DemoRoles:
    """Lazy list of roles with a sign-in button: only the page that shows them runs the query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __iter__(self) -> Any:
        return iter(demo_sign_in.offered_roles() if demo_sign_in.is_allowed(self._request) else [])

    def __bool__(self) -> bool:
        return demo_sign_in.is_allowed(self._request)
