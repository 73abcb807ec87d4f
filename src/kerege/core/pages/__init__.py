"""Pages: decorators of views, reauthentication, the page shell and its middleware."""

from __future__ import annotations

from kerege.core.pages.decorators import page, public, stepped_up, stepped_up_to, stepped_up_to_post

__all__ = ["page", "public", "stepped_up", "stepped_up_to", "stepped_up_to_post"]
