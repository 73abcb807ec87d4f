"""Autosaved drafts, encrypted for the user who typed them, and the record of submitted forms."""

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
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.crypto.form_token import FIELD, Token
from kerege.casework.vault.models.drafts import PAGE, Draft, SentForm
from kerege.casework.vault.models.identities import DataKey
from kerege.casework.vault.services.identities import new_key, plain_key
from kerege.core.audit import clock
from kerege.core.security.keyring import keyring

# bytes of the input of one form, and drafts of one user
LARGEST, MOST = 256 * 1024, 100
# longer than any form waits in a browser: until then a form that was saved is not saved again
SENT_KEPT = timedelta(days=400)
NEVER = {FIELD, "csrfmiddlewaretoken", "step_up_secret", "step_up", "password", "form_keep", "form_discard"}


class AlreadySent(Exception):
    """Error: this opened form was saved before, so that nothing may be saved again."""


def place(draft_id: UUID) -> str:
    """Return the place (associated data) of a draft's ciphertext."""
    return f"draft:{draft_id}"


def typed(token: Token, data: QueryDict) -> dict[str, list[str]]:
    """Return the submitted fields that may be kept: no passwords, tokens or fields held back."""
    excluded = NEVER | set(token.held_back)
    return {name: [str(v) for v in values] for name, values in data.lists() if name not in excluded}


def save(token: Token, data: QueryDict, *, parked: bool = False) -> Draft | None:
    """Save the input of an opened form as a draft; return None when the form was saved already."""
    try:
        return _save(token, data, parked=parked)
    except IntegrityError:  # two first autosaves of the same form arrived at once
        return _save(token, data, parked=parked)


@transaction.atomic
def _save(token: Token, data: QueryDict, *, parked: bool = False) -> Draft | None:
    content = {"data": typed(token, data), "base": token.base}
    text = envelope.ENCODER.encode(content).encode()
    if len(text) > LARGEST or len(token.page) > PAGE:
        raise BadInput(
            Fault(gettext_noop("this form is too long to be saved as a draft"), gettext_noop("save the form"))
        )
    if SentForm.objects.filter(opening=token.opening).exists():
        return None
    rows = Draft.objects.select_for_update(of=("self",)).select_related("data_key")
    draft = rows.filter(opening=token.opening, user_id=token.user).first() or _new(token)
    draft.ciphertext = envelope.seal(plain_key(draft.data_key), text, place(draft.id))
    draft.saved_at, draft.parked = timezone.now(), parked
    if draft._state.adding:
        # the restored draft is replaced, unless another window changed it since: then both stay
        if token.draft:
            _remove(Draft.objects.filter(**_restored_from(token)))
        draft.save(force_insert=True)
    else:
        draft.save(update_fields=["ciphertext", "saved_at", "parked"])
    return draft


def _new(token: Token) -> Draft:
    """Return an unsaved draft, under the person's data key or a new one.

    Raises BadInput for a user who has too many: to remove the oldest would lose a draft that the page called saved.
    """
    if Draft.objects.filter(user_id=token.user, saved_at__gte=_oldest()).count() >= MOST:
        what = gettext_noop("this form is not saved as a draft: you have a hundred forms that were not sent")
        raise BadInput(Fault(what, gettext_noop("send or discard some of them")))
    key = DataKey.objects.filter(pk=token.key).first() if token.key else None
    is_own_key = key is None
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
        own_key=is_own_key,
    )


def _restored_from(token: Token) -> dict[str, Any]:
    """Return the filter for the draft that was restored into the form, unless it was changed since."""
    pk, saved_at = token.draft or ("", "")
    return {"pk": pk, "user_id": token.user, "saved_at": datetime.fromisoformat(saved_at)}


def waiting(user: UUID | None, page: str = "") -> QuerySet[Draft]:
    """Return the unsaved drafts of a user, the newest first; of one page, or of all."""
    rows = Draft.objects.filter(user=user, data_key__wrapped__isnull=False, saved_at__gte=_oldest())
    rows = rows.exclude(Exists(SentForm.objects.filter(opening=OuterRef("opening")))).select_related("data_key")
    return (rows.filter(page=page) if page else rows).order_by("-saved_at")


def opened(draft: Draft) -> tuple[QueryDict, dict[str, Any] | None]:
    """Decrypt a draft: the input, and the values that the form had shown."""
    content = envelope.unseal_json(plain_key(draft.data_key), draft.ciphertext, place(draft.id))
    return QueryDict(urlencode(content["data"], doseq=True), mutable=True), content["base"]


def discard(token: Token) -> None:
    """Remove the draft that was restored into this form, and the form's own draft."""
    with transaction.atomic():
        _remove(Draft.objects.filter(opening=token.opening, user_id=token.user))
        if token.draft:
            _remove(Draft.objects.filter(pk=token.draft[0], user_id=token.user))


def claim(token: Token, request: UUID) -> None:
    """Record that this request saves the form, and remove its drafts; raise AlreadySent for another one.

    Runs in the transaction that saves the form.
    """
    row, _created = SentForm.objects.get_or_create(
        opening=token.opening, defaults={"request": request, "at": timezone.now()}
    )
    if row.request != request:
        raise AlreadySent
    _remove(Draft.objects.filter(opening=token.opening, user_id=token.user))
    if token.draft:
        _remove(Draft.objects.filter(**_restored_from(token)))


def _remove(rows: QuerySet[Draft]) -> int:
    """Delete drafts, and the data keys that belong to them alone; return the number of drafts."""
    drafts = list(rows.values_list("pk", "data_key", "own_key"))
    if drafts:
        Draft.objects.filter(pk__in=[pk for pk, _key, _is_own_key in drafts]).delete()
        DataKey.objects.filter(pk__in=[key for _pk, key, is_own_key in drafts if is_own_key]).delete()
    return len(drafts)


def _oldest() -> datetime:
    return clock.now() - timedelta(hours=settings.DRAFT_HOURS)


def purge(now: datetime) -> int:
    """Delete drafts past their retention time, and records of forms that can no longer be sent."""
    oldest = now - timedelta(hours=settings.DRAFT_HOURS)
    with transaction.atomic():
        removed = _remove(Draft.objects.filter(saved_at__lt=oldest))
        SentForm.objects.filter(at__lt=now - SENT_KEPT).delete()
    return removed
