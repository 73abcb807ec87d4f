"""Conflict flags of a pair of persons: signs that similar records are two persons, such as siblings."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import DamerauLevenshtein

from kerege.linkage.input.person_fields import Row
from kerege.linkage.register_matching import YEARS_APART, PersonAttributes, rows


def find_conflict_flags(left: PersonAttributes, right: PersonAttributes) -> list[str]:
    """Return the conflict flags of a pair, which hold at any match weight; [] without a contradiction.

    Parameters
    ----------
    left, right : PersonAttributes
        The two persons.

    Returns
    -------
    list of str
        `sex` (different), `birth_year` (more than ten years apart), `sibling` (same family name and patronymic,
        different given names), `twin` (also the same date of birth), `documents` (both have numbers and share none).

    Examples
    --------
    >>> one = PersonAttributes(names=(("Aigul", "", "Serikova"),), birth_date="1990-03-07", sex="female")
    >>> other = PersonAttributes(names=(("Dana", "", "Serikova"),), birth_date="1990-03-07", sex="female")
    >>> find_conflict_flags(one, other)
    ['twin']
    """
    left_rows, right_rows = rows(left), rows(right)
    flags = []
    if left_rows[0]["sex"] and right_rows[0]["sex"] and left_rows[0]["sex"] != right_rows[0]["sex"]:
        flags.append("sex")
    if _count_years_between(left_rows[0], right_rows[0]) > YEARS_APART:
        flags.append("birth_year")
    if any(_can_be_siblings(a, b) for a in left_rows for b in right_rows) and not any(
        _can_share_given_name(a, b) for a in left_rows for b in right_rows
    ):
        same_day = left_rows[0]["birth_date"] is not None and left_rows[0]["birth_date"] == right_rows[0]["birth_date"]
        flags.append("twin" if same_day else "sibling")
    if _have_no_common_element(left_rows[0]["documents"], right_rows[0]["documents"]):
        flags.append("documents")
    return flags


def _can_be_siblings(left: Row, right: Row) -> bool:
    if None in (left["family_key"], right["family_key"]) or _can_share_given_name(left, right):
        return False
    if left["family_key"] != right["family_key"] and _have_no_common_element(
        left["family_forms"], right["family_forms"]
    ):
        return False
    return left["patronymic_key"] == right["patronymic_key"] or None in (
        left["patronymic_key"],
        right["patronymic_key"],
    )


def _can_share_given_name(left: Row, right: Row) -> bool:
    """Return whether two given names can be one name.

    A typing error counts only if the dates of birth do not differ.
    """
    left_name, right_name = left["given"], right["given"]
    if not isinstance(left_name, str) or not isinstance(right_name, str):
        return (
            None in (left["given_initial"], right["given_initial"]) or left["given_initial"] == right["given_initial"]
        )
    if left_name == right_name:
        return True
    if not _have_no_common_element(left["given_forms"], right["given_forms"]):
        return True
    if left["given_known"] is not None and right["given_known"] is not None:
        return left["given_known"] == right["given_known"]
    slip = left["given_key"] == right["given_key"] and DamerauLevenshtein.distance(left_name, right_name) <= 1
    return slip and not _differ_in_birthday(left, right)


def _differ_in_birthday(left: Row, right: Row) -> bool:
    return None not in (left["birth_date"], right["birth_date"]) and left["birth_date"] != right["birth_date"]


def _have_no_common_element(left: object, right: object) -> bool:
    """Return whether two values are lists without a common element."""
    return isinstance(left, Iterable) and isinstance(right, Iterable) and not set(left) & set(right)


def _count_years_between(left: Row, right: Row) -> int:
    first, second = left["birth_year"], right["birth_year"]
    return abs(first - second) if isinstance(first, int) and isinstance(second, int) else 0
