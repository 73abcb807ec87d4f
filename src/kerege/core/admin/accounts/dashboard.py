"""Home page section of the administrator.

It shows accounts that need attention, and the state of the installation.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef
from django.utils import timezone

from kerege.core import authorization, restore_drills
from kerege.core.accounts import access_reviews, addresses
from kerege.core.accounts.models import RoleRequest, User
from kerege.core.admin.law.fact_words import label_of
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, session_scope
from kerege.core.jobs.models import Schedule
from kerege.vocabulary.profile import active
from kerege.web.dashboard import DashboardPanel, dashboard

LONG_AWAY = timedelta(days=90)
LATE = timedelta(hours=2)


def _read(actor: Actor) -> dict[str, Any]:
    users = authorization.scope(actor, User, action="users.manage").filter(is_active=True)
    second = Authenticator.objects.filter(user=OuterRef("pk"))
    now = timezone.now()
    with session_scope.bypass_row_security("an administrator sees when the last backup was made"):
        backup = AuditEvent.objects.filter(action="system.backup", outcome="done").order_by("-seq").first()
    return {
        "users": users.count(),
        "requests": authorization.scope(actor, RoleRequest, action="roles.confirm").filter(outcome="").count(),
        "to_review": sum(not row.is_confirmed for row in access_reviews.roles_to_review(actor)),
        "without_second": users.filter(~Exists(second)).count(),
        "without_address": users.filter(email="").count() if addresses.can_send() else 0,
        "long_away": users.filter(last_login__lt=now - LONG_AWAY).count(),
        "backup": backup.at if backup else None,
        "drill": restore_drills.read_report(),
        "jobs": list(Schedule.objects.exclude(last_outcome__in=["", "done"]).order_by("name")),
        "worker_away": not Schedule.objects.filter(last_at__gte=now - LATE).exists(),
        "unconfirmed": [(label_of(fact), fact.path) for fact in active().unconfirmed()],
    }


dashboard.add(DashboardPanel("administrator", "accounts/_home.html", _read, 80))
