"""What comes round in the cases room."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from kerege.casework.cases.services import destroy_removed, run_approved
from kerege.core.access import Actor
from kerege.core.jobs.registry import every


@every("files.destroy", days=1)
def destroy_removed_files(now: datetime) -> None:
    """Files that were removed long enough ago, and that nothing keeps."""
    destroy_removed(Actor.system("schedule"), now.date())


@every("retention.run", days=1)
def remove_what_is_approved(now: datetime) -> None:
    """What a coordinator approved goes by the schedule only where the operator switched that on."""
    if settings.RETENTION_RUNS:
        run_approved(Actor.system("schedule"), now.date())
