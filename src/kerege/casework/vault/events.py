"""The signals of the vault, sent inside the transaction of the act: an error in a receiver undoes it."""

from __future__ import annotations

from django.dispatch import Signal

# record_ids: identities are stored or changed
identity_stored = Signal()
# record_ids: a person is being erased; answers with the ids of further data keys that are about the person
person_erased = Signal()
