"""Row-level security of the exchange: an agency reads its own maps."""

from __future__ import annotations

from kerege.casework.exchange.models import NamedMap
from kerege.core.row_security.policies import Policies, TablePolicy, policies

policies.add(Policies("exchange", (TablePolicy(NamedMap, "agency_id = (SELECT kerege_agency())"),), order=85))
