"""What speaks against two persons being one, whatever the weight of the pair."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kerege.casework.cases.models import Case
from kerege.casework.persons.bounds import CLUSTER, FRACTURE, SURE
from kerege.casework.persons.services.people import kept_apart, person_of, records_of
from kerege.casework.vault.identity import Identity, normal_number
from kerege.casework.vault.matching import Opened, open_many, size
from kerege.linkage import people
from kerege.linkage.names import name_keys

GOES_ON = ("open", "suspended")


def pair_risks(one: Opened, two: Opened, match: people.Match) -> list[str]:
    """What the engine and the certainty say of two records."""
    found = people.guards(one.told, two.told)
    return found + (["unlikely"] if match.probability < SURE else [])


def cluster_risks(one: UUID, two: UUID, within: UUID | None = None) -> list[str]:
    """What speaks against tying all records of two persons: their number, their weakest link, their cases.

    Every record of one is compared with every record of the other, so that no chain of likely pairs ties strangers.
    That an agency has an open case of each speaks for two, but not where it looks for its own duplicates (`within`).
    """
    left, right = records_of(person_of(one)), records_of(person_of(two))
    if set(left) & set(right):
        return []
    found = ["size"] if len(left) + len(right) > CLUSTER else []
    if kept_apart(left, right):
        found.append("cannot")
    if _both_at(left, right) - {within}:
        found.append("open_cases")
    return found + _weakest(left, right, (one, two))


def _weakest(left: Collection[UUID], right: Collection[UUID], pair: tuple[UUID, UUID]) -> list[str]:
    if len(left) + len(right) == len(pair):
        return []
    opened = open_many([*left, *right])
    known = [opened[pk] for pk in right if pk in opened]
    weak, said = False, set[str]()
    for one in (opened[pk] for pk in left if pk in opened):
        matches = people.compare(one.told, [other.told for other in known], size())
        weak |= any(match.probability < FRACTURE for match in matches)
        said |= {guard for other in known for guard in people.guards(one.told, other.told)}
    return (["weakest"] if weak else []) + sorted(said)


def _both_at(left: Collection[UUID], right: Collection[UUID]) -> set[UUID]:
    """Agencies that have an open case of both."""
    rows = Case.objects.filter(record__in=[*left, *right], status__in=GOES_ON).values_list("record_id", "agency_id")
    at = list(rows)
    return {a for pk, a in at if pk in set(left)} & {a for pk, a in at if pk in set(right)}


def may_tie_alone(one: Identity, two: Identity) -> bool:
    """Whether the machine may tie them by itself: a verified number in common, names that agree, no other birth year.

    Numbers alone tie nobody: papers are lent, and digits mistyped.
    """
    if not _verified(one) & _verified(two):
        return False
    first, second = one.get("birth_date", ""), two.get("birth_date", "")
    if first[:4].isdigit() and second[:4].isdigit() and first[:4] != second[:4]:
        return False
    return bool(_names(one) & _names(two))


def _verified(identity: Identity) -> set[tuple[str, str]]:
    papers = identity.get("documents", [])
    numbers = ((paper.get("country", ""), people_number(paper.get("number", ""))) for paper in papers
               if paper.get("verified"))  # fmt: skip
    return {(country, number) for country, number in numbers if number}


def people_number(number: str) -> str:
    """A number that can be one: not too short, and not one sign again and again."""
    plain = normal_number(number)
    return plain if len(plain) >= 6 and len(set(plain)) > 1 else ""


def _names(identity: Identity) -> set[str]:
    """Folds and stems of the given names."""
    given = name_keys(text for name in identity.get("names", []) if (text := name.get("given", "")))
    return {key for key in given if key.startswith(("f:", "s:"))}
