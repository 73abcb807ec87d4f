"""Drafts: what is typed and not saved, encrypted, for the one who typed it; and the note that a form was saved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict
from django.utils import timezone

from kerege.base.errors import BadInput, Fault
from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.crypto.form_token import FIELD, Token
from kerege.casework.vault.models.drafts import PAGE, Draft, SentForm
from kerege.casework.vault.models.identities import DataKey
from kerege.casework.vault.services.identities import new_key, plain_key
from kerege.core.security.keyring import keyring

# of one form, and of one user
LARGEST, MOST = 256 * 1024, 100
NEVER = {FIELD, "csrfmiddlewaretoken", "step_up_secret", "step_up", "password", "form_keep", "form_discard"}


class AlreadySent(Exception):
    """This very form was saved before: nothing may be saved again."""


def place(draft_id: UUID) -> str:
    """Where a draft's ciphertext belongs."""
    return f"draft:{draft_id}"


def typed(token: Token, data: QueryDict) -> dict[str, list[str]]:
    """What may be kept of what was sent."""
    never = NEVER | set(token.held_back)
    return {name: [str(v) for v in values] for name, values in data.lists() if name not in never}


def save(token: Token, data: QueryDict, *, parked: bool = False) -> Draft | None:
    """Keep what was typed into an opened form; None when it was saved already."""
    try:
        return _save(token, data, parked=parked)
    except IntegrityError:  # the same form sent its first words twice at once
        return _save(token, data, parked=parked)


@transaction.atomic
def _save(token: Token, data: QueryDict, *, parked: bool = False) -> Draft | None:
    content = {"data": typed(token, data), "base": token.base}
    text = envelope.ENCODER.encode(content).encode()
    if len(text) > LARGEST or len(token.page) > PAGE:
        raise BadInput(Fault("this form is too long to be kept", "save it"))
    if SentForm.objects.filter(opening=token.opening).exists():
        return None
    rows = Draft.objects.select_for_update(of=("self",)).select_related("data_key")
    draft = rows.filter(opening=token.opening, user_id=token.user).first() or _new(token)
    draft.ciphertext = envelope.seal(plain_key(draft.data_key), text, place(draft.id))
    draft.saved_at, draft.parked = timezone.now(), parked
    if draft._state.adding:
        # what was put into this form goes on here; where another window typed on in it, both stay
        if token.draft:
            _remove(Draft.objects.filter(**_restored_from(token)))
        draft.save(force_insert=True)
    else:
        draft.save(update_fields=["ciphertext", "saved_at", "parked"])
    return draft


def _new(token: Token) -> Draft:
    if Draft.objects.filter(user_id=token.user).count() >= MOST:
        _remove(Draft.objects.filter(pk=Draft.objects.filter(user_id=token.user).earliest("saved_at").pk))
    key = DataKey.objects.filter(pk=token.key).first() if token.key else None
    own = key is None
    if key is None:
        key, _plain = new_key(keyring().current("kek"))
        key.save(force_insert=True)
    return Draft(
        id=uuid4(),
        opening=token.opening,
        user_id=token.user,
        page=token.page,
        form=token.form,
        data_key=key,
        own_key=own,
    )


def _restored_from(token: Token) -> dict[str, Any]:
    pk, saved_at = token.draft or ("", "")
    return {"pk": pk, "user_id": token.user, "saved_at": datetime.fromisoformat(saved_at)}


def waiting(user: UUID | None, page: str = "") -> QuerySet[Draft]:
    """Drafts of a user that wait to be saved, newest first; of one page, or of all."""
    rows = Draft.objects.filter(user=user, data_key__wrapped__isnull=False, saved_at__gte=_oldest())
    rows = rows.exclude(Exists(SentForm.objects.filter(opening=OuterRef("opening")))).select_related("data_key")
    return (rows.filter(page=page) if page else rows).order_by("-saved_at")


def opened(draft: Draft) -> tuple[QueryDict, dict[str, Any] | None]:
    """What was typed, and what the form had shown before."""
    content = envelope.unseal_json(plain_key(draft.data_key), draft.ciphertext, place(draft.id))
    return QueryDict(urlencode(content["data"], doseq=True), mutable=True), content["base"]


def discard(token: Token) -> None:
    """Throw away what was put into this form, and what was typed on in it."""
    with transaction.atomic():
        _remove(Draft.objects.filter(opening=token.opening, user_id=token.user))
        if token.draft:
            _remove(Draft.objects.filter(pk=token.draft[0], user_id=token.user))


def claim(token: Token, request: UUID) -> None:
    """In the transaction that saves: this form is saved now, by this request; its drafts go. Raises AlreadySent."""
    row, _made = SentForm.objects.get_or_create(
        opening=token.opening, defaults={"request": request, "at": timezone.now()}
    )
    if row.request != request:
        raise AlreadySent
    _remove(Draft.objects.filter(opening=token.opening, user_id=token.user))
    if token.draft:
        _remove(Draft.objects.filter(**_restored_from(token)))


def _remove(rows: QuerySet[Draft]) -> int:
    """Remove drafts, and the keys that were theirs alone."""
    found = list(rows.values_list("pk", "data_key", "own_key"))
    if found:
        Draft.objects.filter(pk__in=[pk for pk, _key, _own in found]).delete()
        DataKey.objects.filter(pk__in=[key for _pk, key, own in found if own]).delete()
    return len(found)


def _oldest() -> datetime:
    return timezone.now() - timedelta(hours=settings.DRAFT_HOURS)


def purge(now: datetime) -> int:
    """Remove drafts that nobody came back for, and notes of forms that can no longer be sent."""
    oldest = now - timedelta(hours=settings.DRAFT_HOURS)
    with transaction.atomic():
        gone = _remove(Draft.objects.filter(saved_at__lt=oldest))
        # a form that was saved stays noted longer than any draft of it
        SentForm.objects.filter(at__lt=oldest - timedelta(days=1)).delete()
    return gone
