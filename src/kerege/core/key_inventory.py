"""Key inventory: each key with its purpose, its age and the number of stored values that need it.

It holds no secret and no stored value. The time of a rotation is that of its audit event, since the time of a key file
changes when it is restored from a backup.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from kerege.base.file_model import FileModel
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import session_scope
from kerege.core.security import key_events, keyring

# keys that the data protection document renews each year
YEARLY, YEAR = ("kek", "index", "import", "django", "backup"), timedelta(days=366)


class KeyEntry(FileModel):
    """A key: its id, the day on which it was made, and the numbers of stored values that need it."""

    id: str
    created: date
    is_current: bool
    values: dict[str, int]


class PurposeEntry(FileModel):
    """A purpose: its keys, the oldest first, and the day of the last rotation."""

    name: str
    protects: str
    rotated: date | None
    keys: list[KeyEntry]


def list_purposes() -> list[PurposeEntry]:
    """Return the inventory of all purposes."""
    with session_scope.bypass_row_security("the key inventory counts values of all agencies"):
        sealed = key_events.list_sealed()
    made = _list_rotations()
    return [
        PurposeEntry(
            name=purpose,
            protects=protects,
            rotated=max((made[key_id] for key_id in _ids(purpose) if key_id in made), default=None),
            keys=[
                KeyEntry(
                    id=key_id,
                    created=made.get(key_id) or timezone.localdate(keyring.keyring().created_at(key_id)),
                    is_current=key_id == _ids(purpose)[-1],
                    values={values.kind: values.count for values in sealed if values.key_id == key_id},
                )
                for key_id in _ids(purpose)
            ],
        )
        for purpose, protects in keyring.PURPOSES.items()
    ]


def list_due(purposes: list[PurposeEntry]) -> list[str]:
    """Return the names of purposes whose current key is older than a year."""
    oldest = timezone.localdate() - YEAR
    return [
        purpose.name
        for purpose in purposes
        if purpose.name in YEARLY and any(key.is_current and key.created < oldest for key in purpose.keys)
    ]


def _ids(purpose: str) -> list[str]:
    return keyring.keyring().ids(purpose)


def _list_rotations() -> dict[str, date]:
    """Return the day on which each key was made by a rotation."""
    with session_scope.bypass_row_security("the key inventory needs the days of rotations"):
        events: list[tuple[datetime, dict[str, object]]] = list(
            AuditEvent.objects.filter(action__in=("keys.rotate", "keys.reindex"), outcome="done")
            .order_by("-seq")
            .values_list("at", "details")
        )
    # the first event that names a key is the one that made it
    return {str(details["key"]): timezone.localdate(at) for at, details in events if details.get("key")}
