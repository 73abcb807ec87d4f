"""Session middleware that leaves the cookie alone in a late answer to a replaced token.

A confirmation gives the session a new token. A request that the browser sent before, with the old token, can arrive
after it, for example a form of another tab. Django answers such a request with the deletion of the cookie, or with the
cookie of a new session, and the browser would then drop the new token.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

from kerege.core.accounts import sessions

MESSAGES = {"_messages"}  # session keys without which a page works


class KeepNewerCookie(SessionMiddleware):
    """Session middleware that sends no cookie in answer to a token that a confirmation replaced."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session and set its cookie, or delete the cookie of a session that has ended."""
        answer: HttpResponse = super().process_response(request, response)
        sent = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        # a sign-in that has begun keeps its cookie: the browser may never have received the newer token
        is_worthless = set(request.session.keys()) <= MESSAGES
        if sent and settings.SESSION_COOKIE_NAME in answer.cookies and is_worthless and sessions.is_replaced(sent):
            del answer.cookies[settings.SESSION_COOKIE_NAME]
        return answer
