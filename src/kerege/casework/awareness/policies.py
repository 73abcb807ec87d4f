"""Row-level security of the hotline: an agency reads the contacts that it recorded."""

from __future__ import annotations

from kerege.casework.awareness.models import HotlineContact
from kerege.casework.cases.policies import OWN
from kerege.core.row_security.policies import Policies, TablePolicy, policies

policies.add(Policies("awareness", (TablePolicy(HotlineContact, OWN),), order=70))
