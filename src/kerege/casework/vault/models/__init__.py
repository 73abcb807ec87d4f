"""Models of the vault: identities, encrypted texts, drafts and files."""

from __future__ import annotations

from kerege.casework.vault.models.drafts import Draft, SentForm
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import (
    DataKey,
    IdentityRecord,
    IdentityVersion,
    IndexEntry,
    Membership,
    Person,
    SealedText,
)

__all__ = [
    "DataKey",
    "Draft",
    "IdentityRecord",
    "IdentityVersion",
    "IndexEntry",
    "Membership",
    "Person",
    "SealedText",
    "SentForm",
    "StoredFile",
]
