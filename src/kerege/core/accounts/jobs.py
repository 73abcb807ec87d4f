"""What comes round in the accounts."""

from __future__ import annotations

from datetime import datetime

from django.core.management import call_command

from kerege.core.jobs.registry import every


@every("sessions.clear", days=1)
def clear_sessions(now: datetime) -> None:
    """Sessions that have run out are removed."""
    call_command("clearsessions")
