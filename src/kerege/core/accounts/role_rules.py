"""Rules of the country profile on roles: the kinds of agency that may hold them, and separated duties."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from kerege.base.errors import BadInput, Fault
from kerege.core.accounts.models import Agency, Role, RolePermission, User
from kerege.vocabulary.profile import active


def is_permitted(agency: Agency, role: str) -> bool:
    """Return whether the country profile lets users of this agency hold a role."""
    rules = active().roles
    if role in rules.national:
        return agency.national
    return agency.kind in rules.kinds.get(role, [agency.kind])


def permitted_roles(agency: Agency) -> list[Role]:
    """Return the roles that users of this agency may hold, in the order of `Role`."""
    return [role for role in Role if is_permitted(agency, role)]


def store_permissions() -> None:
    """Copy the rules of the profile on kinds of agency to the table that the database trigger reads."""
    rules = active().roles
    pairs = {(role, "") for role in rules.national}
    pairs |= {(role, kind) for role, kinds in rules.kinds.items() if role not in rules.national for kind in kinds}
    stored = set(RolePermission.objects.values_list("role", "agency_kind"))
    for role, kind in stored - pairs:
        RolePermission.objects.filter(role=role, agency_kind=kind).delete()
    rows = [RolePermission(role=role, agency_kind=kind) for role, kind in sorted(pairs - stored)]
    RolePermission.objects.bulk_create(rows, ignore_conflicts=True)


def needs_second_person(role: str) -> bool:
    """Return whether nobody gives this role alone: national roles, administrators and officers."""
    rules = active().roles
    return role in rules.national or role in rules.second_person


def conflicts(roles: Iterable[str]) -> tuple[str, str] | None:
    """Return two roles that one person may not hold together, None if all can be combined."""
    rules, held = active().roles, sorted(set(roles))
    for role in rules.alone:
        if role in held and len(held) > 1:
            return role, next(other for other in held if other != role)
    return next(((first, second) for first, second in rules.apart if first in held and second in held), None)


def check_roles(user: User | None, agency: Agency, roles: Iterable[str]) -> None:
    """Raise BadInput unless a user may hold these roles in an agency beside those in other agencies."""
    chosen = set(roles)
    if agency.closed_on:
        raise BadInput(Fault(_("this agency is closed"), _("choose another one"), column="roles"))
    if unknown := chosen - set(Role.values):
        what = f"{_('there is no such role')}: {', '.join(sorted(unknown))}"
        raise BadInput(Fault(what, _("choose one of the list"), column="roles"))
    for role in sorted(chosen):
        if not is_permitted(agency, role):
            what = _("the role %(role)s does not belong to this kind of agency") % {"role": Role(role).label}
            raise BadInput(Fault(what, _("choose another role"), column="roles"))
    elsewhere = [] if user is None else user.assignments.exclude(agency=agency).values_list("role", flat=True)
    if pair := conflicts(chosen | set(elsewhere)):
        what = _("one person may not hold both roles: %(first)s and %(second)s")
        names = {"first": Role(pair[0]).label, "second": Role(pair[1]).label}
        raise BadInput(Fault(what % names, _("choose one of them"), column="roles"))


def violations() -> list[str]:
    """Return a line for each role that is held against the rules: user name, role, code of the agency."""
    lines = []
    for user in User.objects.filter(is_active=True).prefetch_related("assignments__agency"):
        rows = list(user.assignments.all())
        pair = conflicts(row.role for row in rows)
        lines += [f"{user.username}: {pair[0]} with {pair[1]}"] if pair else []
        lines += [
            f"{user.username}: {row.role} in {row.agency.code}"
            for row in rows
            if not is_permitted(row.agency, row.role)
        ]
    return lines
