"""Pages: decorators of views, reauthentication, the page shell and its middleware."""

from __future__ import annotations

from kerege.core.pages.decorators import keep_typing, page, public, stepped_up, stepped_up_to, stepped_up_to_post

__all__ = ["keep_typing", "page", "public", "stepped_up", "stepped_up_to", "stepped_up_to_post"]
