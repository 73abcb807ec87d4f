"""What of an identity a page hides until somebody asks for it: groups of fields, each shown by an act of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import cast

from kerege.casework.vault.identity import Identity, Name, PaperDocument
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import audit, authorization
from kerege.core.authorization import Actor

HIDDEN = "•••••"
# names stand on every page of a case that somebody works with; these do not
GROUPS: dict[str, tuple[str, ...]] = {
    "aliases": ("names",),
    "birth": ("birth_date",),
    "contact": ("phones", "email", "address"),
    "documents": ("documents",),
}
YEAR = 4


def masked(identity: Identity, shown: Collection[str] = ()) -> Identity:
    """The identity with every group that is not shown hidden: that something is known is told, not what."""
    after = Identity(**identity)
    if "aliases" not in shown and "names" in identity:
        after["names"] = [_name(name) for name in identity["names"]]
    if "birth" not in shown and identity.get("birth_date", "")[:YEAR].isdigit():
        after["birth_date"] = identity["birth_date"][:YEAR]
    if "documents" not in shown and "documents" in identity:
        after["documents"] = [_document(paper) for paper in identity["documents"]]
    if "contact" not in shown:
        after |= _contact(identity)
    return after


def hidden(identity: Identity, shown: Collection[str] = ()) -> list[str]:
    """The groups of which a page hides something."""
    seen = masked(identity, shown)
    fields = cast(dict[str, object], identity), cast(dict[str, object], seen)
    return [group for group, names in GROUPS.items() if any(fields[0].get(n) != fields[1].get(n) for n in names)]


def needs_reason(actor: Actor, record: IdentityRecord) -> bool:
    """Whether the actor has to say why she wants to see more; raises Denied when she may not see more at all."""
    if authorization.allows(actor, "vault.reveal", record):
        return False
    authorization.require(actor, "vault.reveal_for_reason", record)
    return True


def reveal(actor: Actor, record: IdentityRecord, groups: Iterable[str], reason: str = "") -> None:
    """Record that these groups are shown now; the event names the record and the groups, never a value."""
    with audit.act(actor, "vault.reveal", f"identityrecord:{record.pk}") as event:
        if needs_reason(actor, record) and not reason:
            raise authorization.Denied("vault.reveal", f"identityrecord:{record.pk}")
        event.note(groups=sorted(groups), reason=reason)


def _name(name: Name) -> Name:
    return name if name.get("kind", "main") == "main" else Name(kind="alias", given=HIDDEN)


def _document(paper: PaperDocument) -> PaperDocument:
    return PaperDocument(**(paper | {"number": HIDDEN} if paper.get("number") else paper))


def _contact(identity: Identity) -> Identity:
    found = Identity()
    if identity.get("phones"):
        found["phones"] = [HIDDEN for _phone in identity["phones"]]
    if identity.get("email"):
        found["email"] = HIDDEN
    if identity.get("address"):
        found["address"] = {"street": HIDDEN}
    return found
