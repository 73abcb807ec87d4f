"""What justice knows of that must be kept."""

from __future__ import annotations

from kerege.casework.cases.services.holding import ALSO_HELD
from kerege.casework.justice.linking import with_open_proceedings

ALSO_HELD.append(with_open_proceedings)
