"""Home page section of the auditor: the state of the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from kerege.core.audit import daily_root
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from kerege.web.dashboard import DashboardPanel, dashboard

WEEK = timedelta(days=7)
# parts of action names that auditors check first: reveals, exports, merges, erasures, emergencies, rights
SENSITIVE = ("reveal", "export", "merge", "erase", "emergenc", "users.manage")


def _read(actor: Actor) -> dict[str, Any]:
    week = AuditEvent.objects.filter(at__gte=timezone.now() - WEEK)
    actions = [action for action in week.values_list("action", flat=True).distinct() if _is_sensitive(action)]
    return {
        "events": AuditEvent.objects.order_by("-seq").values_list("seq", flat=True).first() or 0,
        "root": daily_root.last(),
        "refused": week.exclude(outcome="done").count(),
        "sensitive": week.filter(action__in=actions).count(),
    }


def _is_sensitive(action: str) -> bool:
    return any(word in action for word in SENSITIVE)


dashboard.add(DashboardPanel("auditor", "audit/_home.html", _read, 72))
