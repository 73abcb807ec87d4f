"""Code type and error responses of the endpoints, and the lookup of a receiving agency."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_noop
from ninja import Schema
from pydantic import ConfigDict, Field

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.api.errors import Problem
from kerege.core.accounts.models import Agency

Code = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_]*$")]


class Input(Schema):
    """Body of a request: an undeclared field is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


REFUSED = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}


def find_receiving_agency(code: str) -> Agency:
    """Return the active agency with this code; raise BadInput when there is none."""
    agency = Agency.objects.filter(code=code, active=True).first()
    if agency is None:
        raise BadInput(
            Fault(gettext_noop("no agency has this code"), gettext_noop("see /agencies"), column="to_agency")
        )
    return agency
