"""Conflict flags: evidence that two records are two persons, whatever their match weight."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.cases import GOES_ON
from kerege.casework.persons.services.person_links import has_cannot_decision, linked_among, person_of, records_of
from kerege.casework.persons.thresholds import CLUSTER, FRACTURE, SURE
from kerege.casework.vault.identity import Identity, normal_number, person_attributes
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries.candidate_search import Opened, open_many, records_of_agency, weighed
from kerege.linkage import register_guards, register_matching
from kerege.linkage.input import birth_dates
from kerege.linkage.input.person_fields import Row
from kerege.vocabulary.codes import code_list

# fields with more evidence than a given name; an automatic link needs LEAST_OTHERS of them to agree
OTHER_FIELDS, LEAST_OTHERS = ("family", "patronymic", "birth_date"), 2


def pair_risks(left: Opened, right: Opened, match: register_matching.Match) -> list[str]:
    """Return the conflict flags of two records, and `unlikely` for a match probability below SURE."""
    flags = register_guards.find_conflict_flags(left.attributes, right.attributes)
    if match.parts.get("given", 0) < 0 and not {"twin", "sibling"} & set(flags):
        flags.append("given")  # a sister who married has another family name
    if not flags:
        flags += _family_risks(left.attributes, right.attributes)
    if "birth_year" not in flags and _has_other_birth_date(left.attributes, right.attributes):
        flags.append("birth_date")
    return flags + (["unlikely"] if match.probability < SURE else [])


def _family_risks(first: register_matching.PersonAttributes, second: register_matching.PersonAttributes) -> list[str]:
    """Return `lent` or `shared` when only data that a family shares links the two, beside an initial.

    `lent`: a common document, while no full given name is known, or the given names differ and the births contradict.
    `shared`: a common telephone or e-mail, while no full given name and no common birth date is known.
    """
    first_rows, second_rows = register_matching.rows(first), register_matching.rows(second)
    given_names = {(a["given"], b["given"]) for a in first_rows for b in second_rows if a["given"] and b["given"]}
    if any(a == b for a, b in given_names):
        return []
    first_documents, second_documents = (
        {plausible_number(text) for text in person.documents} for person in (first, second)
    )
    if first_documents & second_documents - {""}:
        return ["lent"] if not given_names or _births_contradict(first.birth_date, second.birth_date) else []
    is_same_day = (
        first_rows[0]["birth_date"] is not None and first_rows[0]["birth_date"] == second_rows[0]["birth_date"]
    )
    return (
        ["shared"]
        if not given_names and not is_same_day and _contact_values(first_rows[0]) & _contact_values(second_rows[0])
        else []
    )


def _contact_values(row: Row) -> set[object]:
    """Return the contacts of a linkage row."""
    contacts = row["contacts"]
    return set(contacts) if isinstance(contacts, list) else set()


def _has_other_birth_date(
    first: register_matching.PersonAttributes, second: register_matching.PersonAttributes
) -> bool:
    """Return whether both have a full date of birth and the dates differ, also with day and month swapped."""
    left, right = birth_dates.birth_columns(first.birth_date), birth_dates.birth_columns(second.birth_date)
    if not left["birth_date"] or not right["birth_date"] or left["birth_date"] == right["birth_date"]:
        return False
    return left["birth_year"] != right["birth_year"] or left["birth_day"] != right["birth_turned"]


def cluster_risks(one: UUID, two: UUID, within: UUID | None = None, *, alone: bool = False) -> list[str]:
    """Return the flags against linking all records of two persons: their number, weakest pair and cases.

    Every record of one person is compared with every record of the other, so that no chain of likely pairs links
    strangers. For a pair of one agency (`within`) only flags from its own records are named. Other flags appear as
    `unlikely`: they would disclose that another agency knows the person. That this agency has an open case of each is a
    flag only for an automatic link (`alone`), not for people who look for duplicates of their own.
    """
    left, right = records_of(person_of(one)), records_of(person_of(two))
    if set(left) & set(right):
        return []
    ignored_agency = None if alone else within
    own_ids = IdentityRecord.objects.filter(pk__in=[*left, *right], agency=within).values_list("pk", flat=True)
    is_own = within is not None and len(own_ids) == len(left) + len(right)
    flags = _group_risks(left, right, (one, two), ignored_agency, within if is_own else None)
    if within is None or is_own or not flags:
        return flags
    own_left, own_right = (sorted(linked_among(own_ids, record)) for record in (one, two))
    own_flags = _group_risks(own_left, own_right, (one, two), ignored_agency, within)
    return own_flags if set(own_flags) == set(flags) else [*own_flags, "unlikely"]


def _group_risks(
    left: Collection[UUID], right: Collection[UUID], pair: tuple[UUID, UUID], ignored: UUID | None, agency: UUID | None
) -> list[str]:
    """Return the flags of two groups of records, all of `agency` if there is one.

    Open cases at the agency `ignored` are not a flag.
    """
    flags = ["size"] if len(left) + len(right) > CLUSTER else []
    if has_cannot_decision(left, right):
        flags.append("cannot")
    if _agencies_with_both(left, right) - {ignored}:
        flags.append("open_cases")
    return flags + _weakest_pair_risks(left, right, pair, agency)


def _weakest_pair_risks(
    left: Collection[UUID], right: Collection[UUID], pair: tuple[UUID, UUID], agency: UUID | None
) -> list[str]:
    """Return `weakest` for a pair below FRACTURE, and the conflict flags of all pairs of the groups.

    Returns [] for two single records: `pair` is scored already.
    """
    if len(left) + len(right) == len(pair):
        return []
    opened = open_many([*left, *right])
    opened_right = [opened[pk] for pk in right if pk in opened]
    is_weak, flags = False, set[str]()
    for record in (opened[pk] for pk in left if pk in opened):
        others = [other.attributes for other in opened_right]
        matches = weighed(record.attributes, others, records_of_agency(agency))
        is_weak |= any(match.probability < FRACTURE for match in matches)
        flags |= {
            flag
            for other in opened_right
            for flag in register_guards.find_conflict_flags(record.attributes, other.attributes)
        }
        flags |= {"birth_date" for other in opened_right if _has_other_birth_date(record.attributes, other.attributes)}
    return (["weakest"] if is_weak else []) + sorted(flags)


def _agencies_with_both(left: Collection[UUID], right: Collection[UUID]) -> set[UUID]:
    """Return the ids of agencies that have an open case of both."""
    rows = Case.objects.filter(record__in=[*left, *right], status__in=GOES_ON).values_list("record_id", "agency_id")
    record_agencies = list(rows)
    return {a for pk, a in record_agencies if pk in set(left)} & {a for pk, a in record_agencies if pk in set(right)}


def can_auto_link(one: Identity, two: Identity) -> bool:
    """Return whether the machine may link two records: a common verified document, names and birth agree.

    A number alone is not enough: documents are lent, digits mistyped, and two kinds of document may share a number.
    """
    if not _verified_documents(one) & _verified_documents(two):
        return False
    first, second = person_attributes(one), person_attributes(two)
    left, right = register_matching.rows(first), register_matching.rows(second)
    if _births_contradict(first.birth_date, second.birth_date) or _sex_or_father_differs(left, right):
        return False
    # all names have to agree: a person with a sister's passport is recorded with both names
    return all(_names_agree(a, b) for a in left for b in right)


def _names_agree(left: Row, right: Row) -> bool:
    """Return whether the given names and at least LEAST_OTHERS of OTHER_FIELDS are equal.

    Not all have to be equal: a person who married keeps the patronymic and the birth date.
    """
    is_given_equal, *equal_others = (
        left[name] is not None and left[name] == right[name] for name in ("given", *OTHER_FIELDS)
    )
    return is_given_equal and sum(equal_others) >= LEAST_OTHERS


def _births_contradict(left: str, right: str) -> bool:
    """Return whether two dates of birth contradict each other, as far as both are known."""
    first, second = _known_birth(left), _known_birth(right)
    return not (first.startswith(second) or second.startswith(first))


def _known_birth(birth_date: str) -> str:
    """Return the known part of a date: YYYY, YYYY-MM or YYYY-MM-DD.

    Forms write 1 January when only the year is known; that date counts as a year.
    """
    date = birth_dates.iso(birth_date) or ""
    return "" if date in birth_dates.NO_DATE else date.removesuffix(f"-{birth_dates.NO_DAY}")


def _sex_or_father_differs(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Return whether the sexes differ, or the patronymics of both are known and do not sound alike."""
    if {left[0]["sex"], right[0]["sex"]} >= {"f", "m"}:
        return True
    fathers = [{row["patronymic_key"] for row in rows} - {None} for rows in (left, right)]
    return all(fathers) and not fathers[0] & fathers[1]


def _verified_documents(identity: Identity) -> set[tuple[str, str, str]]:
    """Return (kind, country, number) of the verified identity documents, where all three are known."""
    documents = [document for document in identity.get("documents", []) if document.get("verified")]
    keys = {
        (document.get("kind", ""), document.get("country", ""), plausible_number(document.get("number", "")))
        for document in documents
    }
    return {document for document in keys if all(document) and _proves_identity(document[0])}


def _proves_identity(kind: str) -> bool:
    """Return whether a kind of document proves identity, such as a passport."""
    code = code_list("document_kind").codes.get(kind)
    return code is not None and code.extras["use"] == "identity"


def plausible_number(number: str) -> str:
    """Return the normalised number; '' when it has under six characters or repeats one character."""
    plain = normal_number(number)
    return plain if len(plain) >= 6 and len(set(plain)) > 1 else ""
