"""What a person agreed to, for rooms that may not look into one another: registered in a room's `hooks.py`."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from kerege.casework.cases.models import Case
from kerege.core.accounts.models import Agency

# the id of the consent on which a body of justice may know of a case; None when there is none
POLICE_CONSENTS: list[Callable[[Case, Agency], UUID | None]] = []
