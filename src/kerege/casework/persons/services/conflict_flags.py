"""What speaks against two persons being one, whatever the weight of the pair."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.cases import GOES_ON
from kerege.casework.persons.services.person_links import kept_apart, person_of, records_of, tied_among
from kerege.casework.persons.thresholds import CLUSTER, FRACTURE, SURE
from kerege.casework.vault.identity import Identity, normal_number, told
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries.candidate_search import Opened, open_many, weighed
from kerege.linkage import register_matching
from kerege.linkage.input import birth_dates
from kerege.linkage.input.person_fields import Row
from kerege.vocabulary.codes import code_list

# what says more than a given name, which thousands share; of these so many agree before the machine ties two records
BESIDE_GIVEN, ENOUGH = ("family", "patronymic", "birth_date"), 2


def pair_risks(one: Opened, two: Opened, match: register_matching.Match) -> list[str]:
    """What the engine and the certainty say of two records."""
    found = register_matching.guards(one.told, two.told)
    if match.parts.get("given", 0) < 0 and not {"twin", "sibling"} & set(found):
        found.append("given")  # a sister who married has another family name
    if not found:
        found += _carried(one.told, two.told)
    if "birth_year" not in found and _other_birthday(one.told, two.told):
        found.append("birth_date")
    return found + (["unlikely"] if match.probability < SURE else [])


def _carried(one: register_matching.Person, two: register_matching.Person) -> list[str]:
    """Whether what a family has in common is all but alone in saying that they are one, beside an initial or no name.

    One document: lent, where the given name is not told, or spelled otherwise by people who were not born on one day.
    One telephone or e-mail: shared, where the given name is not told and no day of birth stands for it.
    """
    left, right = register_matching.rows(one), register_matching.rows(two)
    given = {(a["given"], b["given"]) for a in left for b in right if a["given"] and b["given"]}
    if any(a == b for a, b in given):
        return []
    held, shown = ({people_number(text) for text in who.documents} for who in (one, two))
    if held & shown - {""}:
        return ["lent"] if not given or _born_apart(one.birth_date, two.birth_date) else []
    same_day = left[0]["birth_date"] is not None and left[0]["birth_date"] == right[0]["birth_date"]
    return ["shared"] if not given and not same_day and _contacts(left[0]) & _contacts(right[0]) else []


def _contacts(row: Row) -> set[object]:
    told = row["contacts"]
    return set(told) if isinstance(told, list) else set()


def _other_birthday(one: register_matching.Person, two: register_matching.Person) -> bool:
    """Whether both told a full date of birth, and not the same one; day and month that were swapped are the same."""
    left, right = birth_dates.birth_columns(one.birth_date), birth_dates.birth_columns(two.birth_date)
    if not left["birth_date"] or not right["birth_date"] or left["birth_date"] == right["birth_date"]:
        return False
    return left["birth_year"] != right["birth_year"] or left["birth_day"] != right["birth_turned"]


def cluster_risks(one: UUID, two: UUID, within: UUID | None = None, *, alone: bool = False) -> list[str]:
    """What speaks against tying all records of two persons: their number, their weakest link, their cases.

    Every record of one is compared with every record of the other, so that no chain of likely pairs ties strangers.
    Of a pair of one agency (`within`) only what its own records say is named: anything else would tell that another
    agency knows her, and reads as if the machine were not sure. That it has an open case of each speaks for two where
    the machine acts `alone`, but not where people look for duplicates of their own.
    """
    left, right = records_of(person_of(one)), records_of(person_of(two))
    if set(left) & set(right):
        return []
    looks = None if alone else within
    found = _speaking(left, right, (one, two), looks)
    if within is None or not found:
        return found
    own = IdentityRecord.objects.filter(pk__in=[*left, *right], agency=within).values_list("pk", flat=True)
    told = _speaking(sorted(tied_among(own, one)), sorted(tied_among(own, two)), (one, two), looks)
    return told if set(told) == set(found) else [*told, "unlikely"]


def _speaking(
    left: Collection[UUID], right: Collection[UUID], pair: tuple[UUID, UUID], within: UUID | None
) -> list[str]:
    found = ["size"] if len(left) + len(right) > CLUSTER else []
    if kept_apart(left, right):
        found.append("cannot")
    if _both_at(left, right) - {within}:
        found.append("open_cases")
    return found + _weakest(left, right, pair)


def _weakest(left: Collection[UUID], right: Collection[UUID], pair: tuple[UUID, UUID]) -> list[str]:
    if len(left) + len(right) == len(pair):
        return []
    opened = open_many([*left, *right])
    known = [opened[pk] for pk in right if pk in opened]
    weak, said = False, set[str]()
    for one in (opened[pk] for pk in left if pk in opened):
        matches = weighed(one.told, [other.told for other in known])
        weak |= any(match.probability < FRACTURE for match in matches)
        said |= {guard for other in known for guard in register_matching.guards(one.told, other.told)}
        said |= {"birth_date" for other in known if _other_birthday(one.told, other.told)}
    return (["weakest"] if weak else []) + sorted(said)


def _both_at(left: Collection[UUID], right: Collection[UUID]) -> set[UUID]:
    """Agencies that have an open case of both."""
    rows = Case.objects.filter(record__in=[*left, *right], status__in=GOES_ON).values_list("record_id", "agency_id")
    at = list(rows)
    return {a for pk, a in at if pk in set(left)} & {a for pk, a in at if pk in set(right)}


def may_tie_alone(one: Identity, two: Identity) -> bool:
    """Whether the machine may tie two records by itself: one verified document, and names and birth that agree.

    A number alone ties nobody: papers are lent, digits mistyped, and two kinds of paper are numbered alike.
    """
    if not _verified(one) & _verified(two):
        return False
    first, second = told(one), told(two)
    left, right = register_matching.rows(first), register_matching.rows(second)
    if _born_apart(first.birth_date, second.birth_date) or _are_two(left, right):
        return False
    # every name that was told: who shows her sister's passport is written down with her sister's name beside her own
    return all(_agree(a, b) for a in left for b in right)


def _agree(one: Row, two: Row) -> bool:
    """The given name, and two more: a woman who married keeps her father's name and her day of birth."""
    given, *others = (one[name] is not None and one[name] == two[name] for name in ("given", *BESIDE_GIVEN))
    return given and sum(others) >= ENOUGH


def _born_apart(one: str, two: str) -> bool:
    """Whether two dates of birth contradict each other, as far as both are known."""
    first, second = _known(one), _known(two)
    return not (first.startswith(second) or second.startswith(first))


def _known(birth_date: str) -> str:
    """YYYY, YYYY-MM or YYYY-MM-DD: the first of January is what forms hold that know a year alone."""
    date = birth_dates.iso(birth_date) or ""
    return "" if date in birth_dates.NO_DATE else date.removesuffix(f"-{birth_dates.NO_DAY}")


def _are_two(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Whether they are of two sexes, or of fathers whose names do not even sound alike."""
    if {left[0]["sex"], right[0]["sex"]} >= {"f", "m"}:
        return True
    fathers = [{row["patronymic_key"] for row in rows} - {None} for rows in (left, right)]
    return all(fathers) and not fathers[0] & fathers[1]


def _verified(identity: Identity) -> set[tuple[str, str, str]]:
    """Papers that a caseworker held: kind, country and number, all of them told."""
    papers = [paper for paper in identity.get("documents", []) if paper.get("verified")]
    found = {(p.get("kind", ""), p.get("country", ""), people_number(p.get("number", ""))) for p in papers}
    return {paper for paper in found if all(paper) and _proves_identity(paper[0])}


def _proves_identity(kind: str) -> bool:
    """A passport does; a report or a paper of another kind may be numbered by anybody."""
    known = code_list("document_kind").codes.get(kind)
    return known is not None and known.extras["use"] == "identity"


def people_number(number: str) -> str:
    """A number that can be one: not too short, and not one sign again and again."""
    plain = normal_number(number)
    return plain if len(plain) >= 6 and len(set(plain)) > 1 else ""
