"""Masking of identity fields: a page hides groups of fields until the user reveals them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import cast

from kerege.casework.vault.identity import Identity, Name, PaperDocument
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import audit, authorization
from kerege.core.authorization import Actor

HIDDEN = "•••••"
# the main name is on every page of the case; these groups are masked
GROUPS: dict[str, tuple[str, ...]] = {
    "aliases": ("names",),
    "birth": ("birth_date",),
    "contact": ("phones", "email", "address"),
    "documents": ("documents",),
}
YEAR = 4


def masked(identity: Identity, shown: Collection[str] = ()) -> Identity:
    """Return the identity with the groups outside `shown` masked: a value is known, but not shown."""
    result = Identity(**identity)
    if "aliases" not in shown and "names" in identity:
        result["names"] = [_mask_name(name) for name in identity["names"]]
    if "birth" not in shown and identity.get("birth_date", "")[:YEAR].isdigit():
        result["birth_date"] = identity["birth_date"][:YEAR]
    if "documents" not in shown and "documents" in identity:
        result["documents"] = [_mask_document(document) for document in identity["documents"]]
    if "contact" not in shown:
        result |= _mask_contact(identity)
    return result


def hidden(identity: Identity, shown: Collection[str] = ()) -> list[str]:
    """Return the groups of which a page masks a value."""
    visible = masked(identity, shown)
    fields = cast(dict[str, object], identity), cast(dict[str, object], visible)
    return [group for group, names in GROUPS.items() if any(fields[0].get(n) != fields[1].get(n) for n in names)]


def needs_reason(actor: Actor, record: IdentityRecord) -> bool:
    """Return whether the actor has to give a reason to reveal more; raise Denied when they may not."""
    if authorization.allows(actor, "vault.reveal", record):
        return False
    authorization.require(actor, "vault.reveal_for_reason", record)
    return True


def reveal(actor: Actor, record: IdentityRecord, groups: Iterable[str], reason: str = "") -> None:
    """Record that the groups are revealed; the audit event names the record and the groups, no value."""
    with audit.act(actor, "vault.reveal", f"identityrecord:{record.pk}", reads=True) as event:
        if needs_reason(actor, record) and not reason:
            raise authorization.Denied("vault.reveal", f"identityrecord:{record.pk}")
        event.note(groups=sorted(groups), reason=reason)


def _mask_name(name: Name) -> Name:
    return name if name.get("kind", "main") == "main" else Name(kind="alias", given=HIDDEN)


def _mask_document(document: PaperDocument) -> PaperDocument:
    return PaperDocument(**(document | {"number": HIDDEN} if document.get("number") else document))


def _mask_contact(identity: Identity) -> Identity:
    masked_fields = Identity()
    if identity.get("phones"):
        masked_fields["phones"] = [HIDDEN for _phone in identity["phones"]]
    if identity.get("email"):
        masked_fields["email"] = HIDDEN
    if identity.get("address"):
        masked_fields["address"] = {"street": HIDDEN}
    return masked_fields
