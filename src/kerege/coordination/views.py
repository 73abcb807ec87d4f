"""Parts that the views of coordination share."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.fault_texts import text_of
from kerege.web.forms import Form

GET_OR_POST = require_http_methods(["GET", "POST"])
DECISIONS = ("accept", "return")  # buttons below a report


def try_save(form: Form, save: Callable[[], object]) -> bool:
    """Save; show the faults of refused input at the form, and return whether it was saved."""
    try:
        save()
    except BadInput as error:
        form.add_error(None, [sentence(fault) for fault in error.faults])
        return False
    return True


def sentence(fault: Fault) -> str:
    """Return a fault with its remedy in the active language.

    A fault that names its file comes from the reader of that file.
    """
    if fault.file:
        return text_of(fault)
    return f"{_(fault.what)}: {_(fault.todo)}."
