"""Lookup of the agencies that a file names, by code or by name in any language."""

from __future__ import annotations

from django.utils.text import slugify

from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.linkage.names import fold
from kerege.vocabulary import languages
from kerege.vocabulary.profile import active


class AgencyLookup:
    """Registered agencies by every name, and the new agencies of a file."""

    def __init__(self) -> None:
        self.known: dict[str, Agency] = {}
        self.codes: set[str] = set()
        self.added: list[Agency] = []
        for agency in Agency.objects.order_by("code"):
            self.remember(agency)

    def remember(self, agency: Agency) -> None:
        """Add an agency under its code and names; an earlier agency with the same name keeps it."""
        self.codes.add(agency.code)
        for name in (agency.code, *agency.names.values()):
            self.known.setdefault(name.strip().casefold(), agency)

    def named(self, name: str) -> Agency | None:
        """Return the agency with this code or name; None when there is none."""
        return self.known.get(name.strip().casefold())

    def named_or_new(self, name: str, kind: str) -> Agency:
        """Return the agency with this code or name, or a new one that `store` saves."""
        agency = self.named(name)
        if agency is None:
            name = name.strip()[:200]
            agency = Agency(
                code=self.free_code(name), names=dict.fromkeys(languages.offered(), name), kind=kind or "ngo"
            )
            self.added.append(agency)
            self.remember(agency)
            self.known[name.casefold()] = agency
        return agency

    def free_code(self, name: str) -> str:
        """Return an unused code made from the Latin form of a name."""
        base = slugify(fold(name))[:50] or "agency"
        code, number = base, 1
        while code in self.codes:
            number += 1
            code = f"{base}-{number}"
        return code

    def default(self) -> Agency:
        """Return the agency for rows that name none: the import agency of the country profile."""
        profile_agency = active().import_agency
        agency = self.named(profile_agency.code)
        if agency is None:
            agency = Agency(
                code=profile_agency.code,
                kind=profile_agency.kind,
                names=dict(profile_agency.name.root),
            )
            self.added.append(agency)
            self.remember(agency)
        return agency

    def store(self, actor: Actor) -> None:
        """Save the new agencies; raise Denied unless the actor may add agencies."""
        if self.added:
            authorization.require(actor, "exchange.add_agencies")
            Agency.objects.bulk_create(self.added)
