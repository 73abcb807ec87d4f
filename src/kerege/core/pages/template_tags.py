"""Template tags that need the session, built into all templates."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kerege.core.accounts import sessions
from kerege.core.pages.browser_key import browser_key, session_name

register = template.Library()


@register.simple_tag(takes_context=True)
def browser_session(context: template.Context) -> str:
    """Return the session's HTML attributes for the page's script.

    Without a session, the script deletes its drafts.
    """
    request = context.get("request")
    key = sessions.browser_secret(request) if request is not None and request.user.is_authenticated else ""
    if not key:
        return SafeString('data-kg-session=""')
    words = 'data-kg-session="{}" data-kg-key="{}" data-kg-idle="{}" ' + "data-kg-disk " * settings.BROWSER_DRAFTS
    return format_html(words, session_name(key), browser_key(key), settings.SESSION_COOKIE_AGE)
