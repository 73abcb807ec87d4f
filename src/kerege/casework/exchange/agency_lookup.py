"""Agencies that a file names: found by code or by a name in any language, else made."""

from __future__ import annotations

from django.utils.text import slugify

from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.linkage.names import fold
from kerege.vocabulary.profile import active


class AgencyLookup:
    """The registered agencies by every name, and those that the file adds."""

    def __init__(self) -> None:
        self.known: dict[str, Agency] = {}
        self.codes: set[str] = set()
        self.added: list[Agency] = []
        for agency in Agency.objects.order_by("code"):
            self.remember(agency)

    def remember(self, agency: Agency) -> None:
        """Make an agency known under its code and names; the first one of a name keeps it."""
        self.codes.add(agency.code)
        for name in (agency.code, agency.name_en, agency.name_ru, agency.name_kk):
            self.known.setdefault(name.strip().casefold(), agency)

    def named(self, name: str) -> Agency | None:
        """The agency of that code or name."""
        return self.known.get(name.strip().casefold())

    def named_or_new(self, name: str, kind: str) -> Agency:
        """The agency of that code or name, or a new one of that kind, which is stored with the import."""
        found = self.named(name)
        if found is None:
            name = name.strip()[:200]
            found = Agency(code=self.free_code(name), name_kk=name, name_ru=name, name_en=name, kind=kind or "ngo")
            self.added.append(found)
            self.remember(found)
            self.known[name.casefold()] = found
        return found

    def free_code(self, name: str) -> str:
        """A code that no agency has, from the Latin form of a name."""
        base = slugify(fold(name))[:50] or "agency"
        code, number = base, 1
        while code in self.codes:
            number += 1
            code = f"{base}-{number}"
        return code

    def default(self) -> Agency:
        """The agency of rows that name none: that of the country profile, the same one every time."""
        told = active().import_agency
        found = self.named(told.code)
        if found is None:
            found = Agency(
                code=told.code, kind=told.kind, name_kk=told.name.kk, name_ru=told.name.ru, name_en=told.name.en
            )
            self.added.append(found)
            self.remember(found)
        return found

    def store(self, actor: Actor) -> None:
        """Store what was added."""
        if self.added:
            authorization.require(actor, "exchange.add_agencies")
            Agency.objects.bulk_create(self.added)
