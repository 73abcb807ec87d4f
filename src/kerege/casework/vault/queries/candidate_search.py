"""Candidate search: the blind index finds candidates by blocking keys, the linkage model scores them.

The search bypasses row-level security and sees all records. A user's results must not depend on records that they may
not find: callers restrict such a search with `within`, and the index, the frequencies of names and the size of the
register then come from these records alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import log2
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.identity import Identity, person_attributes, person_blocking_keys
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.policies import NEWEST
from kerege.casework.vault.queries.identities import tokens
from kerege.casework.vault.services.identities import place
from kerege.core.authorization import session_scope
from kerege.linkage import register_matching
from kerege.linkage.input.person_fields import Row

# a blocking key that more records share is not used
MOST_SHARING = 60
# records that are decrypted and scored for one query
SCORED = 12
# a name that at least this many records have is common: counting stops there
MOST_COUNTED = 500
# prefix of a name word's index key: given names by their fold, the others by their stem
KEY_OF = {"given": "n:f:", "family": "n:s:", "patronymic": "n:s:"}
SIZE, FRESH = "vault.records", 600

# one query: the records that share blocking keys, and the numbers of records that have names
POSTINGS_AND_COUNTS = """SELECT number, record_id, NULL FROM {} AS shared
    UNION ALL SELECT number, NULL, count(*) FROM {} AS named GROUP BY number"""
# postings of one token among the records of a condition
POSTINGS_WITHIN = """SELECT t.number, e.record_id FROM unnest(%s::bytea[]) WITH ORDINALITY AS t(token, number),
    LATERAL (SELECT record_id FROM vault_indexentry WHERE token = t.token{} LIMIT %s) e"""

# the records of an agency among some, and the condition that an index entry belongs to one of them
OWN = "SELECT id FROM vault_identityrecord WHERE agency_id = %s AND id IN ({})"
OF_AGENCY = """ AND EXISTS (SELECT 1 FROM vault_identityrecord
    WHERE vault_identityrecord.id = vault_indexentry.record_id AND vault_identityrecord.agency_id = %s)"""

Value = int | str | bytes | UUID
Id = TypeVar("Id", UUID, str, bytes)
NameCounts = Mapping[tuple[str, str], int]
"""How many records bear a name, as (column, value)."""


@dataclass(frozen=True)
class AgencyRecords:
    """The records of one agency, which weigh its own pairs: no record elsewhere changes them."""

    agency_id: UUID

    def count(self) -> int:
        """Return the number of records."""
        return IdentityRecord.objects.filter(agency=self.agency_id).count()


Records = QuerySet[IdentityRecord, UUID] | AgencyRecords


@dataclass(frozen=True)
class Opened:
    """Decrypted newest values of a record, for linkage only."""

    id: UUID
    agency_id: UUID
    identity: Identity
    attributes: register_matching.PersonAttributes

    @cached_property
    def rows(self) -> Sequence[Row]:
        """Return the comparison columns, derived once for all comparisons of the record."""
        return register_matching.rows(self.attributes)


@dataclass(frozen=True)
class Scored:
    """Candidate record and its match with the query record."""

    record: Opened
    match: register_matching.Match


def scored(
    identity: Identity,
    *,
    without: Collection[UUID] = (),
    done: Collection[UUID] = (),
    within: Records | None = None,
    outside: UUID | None = None,
    records: int | None = None,
    instead: Mapping[UUID, Sequence[UUID]] = MappingProxyType({}),
    known: MutableMapping[UUID, Opened] | None = None,
) -> list[Scored]:
    """Return the candidate records of an identity, scored, the best match first.

    `within` restricts the search to records, so that no other record changes its result or its number of queries.
    `outside` leaves out the records of an agency, whose names still count. `without` leaves out records. Records `done`
    take one of the SCORED places and are not scored again. `records` is the number of searched records, if the caller
    knows it. `instead` names the records to score in place of a found one. The first SCORED candidates are decrypted.
    `known` is a cache of decrypted records and receives new ones.
    Callers run inside an audited event or page, and decide what to show.
    """
    query_person = person_attributes(identity)
    names = register_matching.names_to_count(query_person)
    candidates, borne_counts = _search_index(person_blocking_keys(query_person), names, within)
    if outside is not None:
        candidates = _records_outside(outside, candidates)
    allowed = (pk for candidate in candidates for pk in instead.get(candidate, (candidate,)) if pk not in without)
    record_ids = [pk for pk in islice(allowed, SCORED) if pk not in done]
    known = {} if known is None else known
    known.update(open_many([pk for pk in record_ids if pk not in known]))
    opened = [known[pk] for pk in record_ids if pk in known]
    if not opened:
        return []
    records = count_records(within) if records is None else records
    return match_opened(register_matching.rows(query_person), opened, borne_counts, records)


def match_opened(query_rows: Sequence[Row], opened: Sequence[Opened], counts: NameCounts, records: int) -> list[Scored]:
    """Return decrypted records with their matches, the best first."""
    matches = _match_all(query_rows, [row.rows for row in opened], counts, records)
    ranked = sorted(zip(opened, matches, strict=True), key=lambda pair: (-pair[1].weight, pair[0].id))
    return [Scored(*pair) for pair in ranked]


def weighed(
    query_person: register_matching.PersonAttributes,
    others: Sequence[register_matching.PersonAttributes],
    within: Records | None = None,
) -> list[register_matching.Match]:
    """Compare one person with others; return the matches in the order of `others`.

    Uses the number of records in the register, or `within` some, and the frequency of the person's names among them.
    """
    if not others:
        return []
    counts = count_name_records(register_matching.names_to_count(query_person), within)
    query_rows = register_matching.rows(query_person)
    return _match_all(query_rows, map(register_matching.rows, others), counts, count_records(within))


def records_of_agency(agency_id: UUID | None) -> AgencyRecords | None:
    """Return the records that weigh a pair of one agency; None for a pair between agencies."""
    return None if agency_id is None else AgencyRecords(agency_id)


def _records_outside(agency_id: UUID, record_ids: Sequence[UUID]) -> list[UUID]:
    """Return the records that are not of an agency, in their order."""
    if not record_ids:
        return []
    places = ", ".join(["%s"] * len(record_ids))
    with connection.cursor() as cursor:
        cursor.execute(OWN.format(places), [as_value(agency_id), *map(as_value, record_ids)])
        own_ids = {row[0] for row in cursor.fetchall()}
    return [pk for pk in record_ids if as_value(pk) not in own_ids]


def as_value(pk: UUID) -> Value:
    """Return an id as the database stores it."""
    return pk if connection.features.has_native_uuid_field else pk.hex


def _match_all(
    query_rows: Sequence[Row], others: Iterable[Sequence[Row]], counts: NameCounts, records: int
) -> list[register_matching.Match]:
    """Compare one person with others, with the given numbers of records for each name and in the register."""

    records = register_matching.in_steps(records)

    def share(name: str, value: str) -> float | None:
        count = counts.get((name, value))
        return None if count is None else register_matching.share(name, register_matching.in_steps(count), records)

    return register_matching.match_rows(query_rows, others, records, share)


def sharing(keys: Collection[str]) -> list[UUID]:
    """Return every record that shares a blocking key, ranked by the number and rarity of shared keys.

    Keys that more than MOST_SHARING records share are ignored.
    """
    return _search_index(keys, ())[0]


def count_name_records(names: Collection[tuple[str, str]], within: Records | None = None) -> NameCounts:
    """Return the number of records that have each name; a name of several words counts by its rarest word.

    `within` restricts the records. A name that is common (MOST_COUNTED or more records) or absent has no entry.
    """
    return _search_index((), names, within)[1]


def _search_index(
    keys: Collection[str], names: Collection[tuple[str, str]], within: Records | None = None
) -> tuple[list[UUID], NameCounts]:
    """Return the records that share keys, ranked, and the numbers of records that have the names."""
    terms = _build_terms(keys, names)
    if not terms.searched and not terms.named:
        return [], {}
    with session_scope.bypass_row_security(
        "the search compares records of all agencies; callers do not show whose record it is"
    ):
        # one row more than the limit shows that a token is too common
        rows = _read_postings(terms.searched, MOST_SHARING + 1, terms.named, MOST_COUNTED, within)
    shared = defaultdict[int, list[Any]](list)
    for number, pk, count in rows:
        if count is None:
            shared[number].append(pk)
    order = rank_records((weigh_key(len(record_ids)), record_ids) for record_ids in shared.values())
    record_ids = order if connection.features.has_native_uuid_field else [UUID(hex=pk) for pk in order]
    return record_ids, terms.count_names((number, count) for number, _, count in rows if count is not None)


@dataclass(frozen=True)
class SearchTerms:
    """Index tokens of a person's search: `searched` of blocking keys, `named` of the words of names."""

    names: Collection[tuple[str, str]]
    words: Sequence[str]
    searched: Sequence[bytes]
    named: Sequence[bytes]

    def count_names(self, rows: Iterable[tuple[int, int]]) -> NameCounts:
        """Return the number of records of each name, from the numbers of the `named` tokens and their records."""
        counts = Counter[str]()
        for number, count in rows:
            # each word has one token for each index key
            counts[self.words[number * len(self.words) // len(self.named)]] += count
        return _rarest_counts(self.names, counts)


def search_terms(person: register_matching.PersonAttributes) -> SearchTerms:
    """Return the index tokens on which the search for a person depends."""
    return _build_terms(person_blocking_keys(person), register_matching.names_to_count(person))


def _build_terms(keys: Collection[str], names: Collection[tuple[str, str]]) -> SearchTerms:
    """Return the terms of a search by keys, which counts names."""
    words = sorted({key for name in names for key in _name_keys(name)})
    return SearchTerms(names, words, tokens(*sorted(keys)), tokens(*words))


def _name_keys(name: tuple[str, str]) -> list[str]:
    """Return the index keys of the words of a name, given as (column, value)."""
    kind, value = name
    return [f"{KEY_OF[kind]}{word}" for word in value.split()]


def _rarest_counts(names: Collection[tuple[str, str]], counts: Mapping[str, int]) -> NameCounts:
    """Return for each name the count of its rarest word, without common and absent names."""
    counted = {name: [counts[key] for key in _name_keys(name) if key in counts] for name in names}
    return {name: least for name, per_name in counted.items() if per_name and (least := min(per_name)) < MOST_COUNTED}


def rank_records(postings: Iterable[tuple[float, Iterable[Id]]]) -> list[Id]:
    """Order the records of (weight of a key, its records) by the sum of their keys' weights."""
    score: defaultdict[Id, float] = defaultdict(float)
    for weight, record_ids in postings:
        for record_id in record_ids:
            score[record_id] += weight
    return [pk for pk, total in sorted(score.items(), key=lambda item: (-item[1], item[0])) if total]


def weigh_key(sharing: int) -> float:
    """Return the weight of a blocking key that so many records share: a rarer key weighs more."""
    return 1 + log2(MOST_SHARING / sharing) if 0 < sharing <= MOST_SHARING else 0.0


def _read_postings(
    searched: Sequence[bytes], most: int, named: Sequence[bytes], counted: int, within: Records | None = None
) -> list[tuple[int, Any, Any]]:
    """Return rows (number, record, None) of `searched` tokens and (number, None, count) of `named` tokens.

    Tokens are numbered from 0. At most `most` records of a searched token are read, and `counted` of a named one.
    """
    try:
        condition = ("", ()) if within is None else _condition(within)
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            (shared, shared_values), (names, name_values) = (
                _postings_sql(searched, most, *condition),
                _postings_sql(named, counted, *condition),
            )
            cursor.execute(POSTINGS_AND_COUNTS.format(shared, names), shared_values + name_values)
        elif within is None:
            function = "kerege_postings(%s, %s)"
            cursor.execute(POSTINGS_AND_COUNTS.format(function, function), [list(searched), most, list(named), counted])
        else:
            rows, values = f"({POSTINGS_WITHIN.format(condition[0])})", condition[1]
            cursor.execute(
                POSTINGS_AND_COUNTS.format(rows, rows),
                [list(searched), *values, most, list(named), *values, counted],
            )
        # PostgreSQL numbers the elements of an array from 1
        first = 0 if connection.vendor == "sqlite" else 1
        return [(number - first, record_id, count) for number, record_id, count in cursor.fetchall()]


def _condition(within: Records) -> tuple[str, Sequence[Value]]:
    """Return an SQL condition that an index entry belongs to one of these records, and its parameters.

    It is tested entry by entry, because few entries share a token and an agency may have many records. Raises
    EmptyResultSet when the database need not be asked.
    """
    if isinstance(within, AgencyRecords):
        return OF_AGENCY, [as_value(within.agency_id)]
    rows = within.order_by().extra(where=["vault_identityrecord.id = vault_indexentry.record_id"])  # nosec B610
    sql, values = rows.query.sql_with_params()
    return f" AND EXISTS ({sql})", values


def _postings_sql(
    tokens_: Sequence[bytes], most: int, condition: str, condition_values: Sequence[Value]
) -> tuple[str, list[Value]]:
    """Return a subquery with the postings of tokens, and its parameters."""
    select = (
        f"SELECT * FROM (SELECT %s AS number, record_id FROM vault_indexentry WHERE token = %s{condition} LIMIT %s)"  # noqa: S608  # nosec B608
    )
    empty = "SELECT 0 AS number, NULL AS record_id WHERE 0"
    values = [part for number, token in enumerate(tokens_) for part in (number, token, *condition_values, most)]
    return f"({' UNION ALL '.join([select] * len(tokens_) or [empty])})", values


def open_many(record_ids: Collection[UUID]) -> dict[UUID, Opened]:
    """Decrypt the newest values of records that are not erased, in one query; bypass row-level security."""
    if not record_ids:
        return {}
    native = connection.features.has_native_uuid_field
    with (
        session_scope.bypass_row_security(
            "the search compares records of all agencies; callers do not show whose record it is"
        ),
        connection.cursor() as cursor,
    ):
        # raw SQL: building this query from models takes as long as scoring the results
        if connection.vendor == "sqlite":
            placeholders = ", ".join(["%s"] * len(record_ids))
            cursor.execute(NEWEST.format(f"IN ({placeholders})"), [pk.hex for pk in record_ids])
        else:
            cursor.execute("SELECT * FROM kerege_newest(%s)", [list(record_ids)])
        newest = {row[0]: row for row in cursor.fetchall()}
    opened = {}
    for pk, number, ciphertext, agency, key, kek_id, wrapped in newest.values():
        ids = (pk, agency, key) if native else (UUID(hex=pk), UUID(hex=agency), UUID(hex=key))
        plain = envelope.open_data_key(ids[2], kek_id, wrapped)
        identity: Identity = envelope.unseal_json(plain, ciphertext, place(ids[0], number))
        opened[ids[0]] = Opened(ids[0], ids[1], identity, person_attributes(identity))
    return opened


def count_records(within: Records | None = None) -> int:
    """Return the number of records in the register, or within some."""
    return size() if within is None else within.count()


def size() -> int:
    """Return the number of records of the register, cached for FRESH seconds."""
    count: int | None = cache.get(SIZE)
    if count is None:
        with session_scope.bypass_row_security("the number of records of the whole register is read"):
            count = IdentityRecord.objects.count()
        cache.set(SIZE, count, FRESH)
    return count
