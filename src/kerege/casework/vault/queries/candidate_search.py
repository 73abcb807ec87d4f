"""Who may be the same person: the blind index names records that share blocking keys, the engine weighs them.

The machine looks at all records, whoever may read them; callers say among which, and show only what their rules allow.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log2
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.identity import Identity, blocking_keys, told
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.policies import NEWEST
from kerege.casework.vault.queries.identities import tokens
from kerege.casework.vault.services.identities import place
from kerege.core.authorization import session_scope
from kerege.linkage import register_matching

# a key that more records share says nothing about any two of them
MOST_SHARING = 60
# records that are decrypted and weighed for one
SCORED = 12
# a name that so many records bear is a common one, and further ones are not counted
MOST_COUNTED = 500
# the keys of the words of a name in the index: given names by their fold, the others by their stem
KEY_OF = {"given": "n:f:", "family": "n:s:", "patronymic": "n:s:"}
SIZE, FRESH = "vault.records", 600

# who shares keys, and how many have others: one question of the index
ASKED = """SELECT number, record_id, NULL FROM {} AS shared
    UNION ALL SELECT number, NULL, count(*) FROM {} AS named GROUP BY number"""

Among = Callable[[Sequence[UUID]], Sequence[UUID]]
Borne = Mapping[tuple[str, str], int]
"""How many records bear a name, as (column, value)."""


@dataclass(frozen=True)
class Opened:
    """A record's newest values, for the machine alone."""

    id: UUID
    agency_id: UUID
    identity: Identity
    told: register_matching.Person


@dataclass(frozen=True)
class Scored:
    """A record and how well it agrees with the one that was asked about."""

    record: Opened
    match: register_matching.Match


def scored(
    identity: Identity,
    *,
    without: Collection[UUID] = (),
    among: Among | None = None,
    known: MutableMapping[UUID, Opened] | None = None,
) -> list[Scored]:
    """Records that share blocking keys with an identity, weighed, the best first.

    `among` is given them in their order, and says which are opened: those that its caller may find.

    Part of an audited run or page: who calls says what becomes of what was found. `known` are records that a run opened
    already, and is added to.
    """
    one = told(identity)
    sharers, borne = _asked(blocking_keys(identity), register_matching.names_to_count(one))
    others = [pk for pk in sharers if pk not in without]
    found = list(islice(others if among is None else among(others), SCORED))
    known = {} if known is None else known
    known.update(open_many([pk for pk in found if pk not in known]))
    opened = [known[pk] for pk in found if pk in known]
    matches = _weighed(one, [each.told for each in opened], borne)
    ranked = sorted(zip(opened, matches, strict=True), key=lambda pair: (-pair[1].weight, pair[0].id))
    return [Scored(*pair) for pair in ranked]


def weighed(one: register_matching.Person, others: Sequence[register_matching.Person]) -> list[register_matching.Match]:
    """One person against others, in their order, by the size of the register and by how common her names are in it."""
    return _weighed(one, others, borne(register_matching.names_to_count(one))) if others else []


def _weighed(
    one: register_matching.Person, others: Sequence[register_matching.Person], borne: Borne
) -> list[register_matching.Match]:
    records = size()

    def share(name: str, value: str) -> float | None:
        count = borne.get((name, value))
        return None if count is None else register_matching.share(name, count, records)

    return register_matching.match_person(one, others, records, share)


def sharing(keys: Collection[str]) -> list[UUID]:
    """Every record that shares a key, the one with the most and the rarest first. Keys that many share find nobody."""
    return _asked(keys, ())[0]


def borne(names: Collection[tuple[str, str]]) -> Borne:
    """How many records bear each of these names; of several words the rarest. Common ones and unknown ones lack."""
    return _asked((), names)[1]


def _asked(keys: Collection[str], names: Collection[tuple[str, str]]) -> tuple[list[UUID], Borne]:
    """Records that share keys, and how many bear names."""
    words = sorted({key for name in names for key in _keys_of(name)})
    wanted, named = tokens(*sorted(keys)), tokens(*words)
    if not wanted and not named:
        return [], {}
    with session_scope.beyond("the machine compares across agencies; its callers say nothing of whose record it is"):
        # of a token that many share, one more than is read
        rows = _postings(wanted, MOST_SHARING + 1, named, MOST_COUNTED)
    held = Counter[str]()
    for number, _, count in rows:
        if count is not None:
            # each word has as many tokens as there are index keys
            held[words[number * len(words) // len(named)]] += count
    return _ranked([(number, pk) for number, pk, count in rows if count is None]), _rarest(names, held)


def _keys_of(name: tuple[str, str]) -> list[str]:
    kind, value = name
    return [f"{KEY_OF[kind]}{word}" for word in value.split()]


def _rarest(names: Collection[tuple[str, str]], held: Mapping[str, int]) -> Borne:
    counted = {name: [held[key] for key in _keys_of(name) if key in held] for name in names}
    return {name: least for name, counts in counted.items() if counts and (least := min(counts)) < MOST_COUNTED}


def _ranked(rows: Sequence[tuple[int, Any]]) -> list[UUID]:
    shared_by = Counter(number for number, _ in rows)
    rarity = {number: 1 + log2(MOST_SHARING / held) for number, held in shared_by.items() if held <= MOST_SHARING}
    worth: defaultdict[Any, float] = defaultdict(float)
    for number, record_id in rows:
        worth[record_id] += rarity.get(number, 0.0)
    order = [pk for pk, sum_ in sorted(worth.items(), key=lambda each: (-each[1], each[0])) if sum_]
    return order if connection.features.has_native_uuid_field else [UUID(hex=pk) for pk in order]


def _postings(wanted: Sequence[bytes], most: int, named: Sequence[bytes], counted: int) -> list[tuple[int, Any, Any]]:
    """(number, record, none) of wanted tokens and (number, none, how many) of named ones, numbered from 0 on; at most
    so many records of each token are read."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            (one, these), (other, those) = _listed(wanted, most), _listed(named, counted)
            cursor.execute(ASKED.format(one, other), these + those)
        else:
            function = "kerege_postings(%s, %s)"
            cursor.execute(ASKED.format(function, function), [list(wanted), most, list(named), counted])
        # said by arrays, tokens are numbered from 1 on
        first = 0 if connection.vendor == "sqlite" else 1
        return [(number - first, record_id, count) for number, record_id, count in cursor.fetchall()]


def _listed(tokens_: Sequence[bytes], most: int) -> tuple[str, list[Any]]:
    """The postings of tokens as a table, and what it is asked with."""
    one = "SELECT * FROM (SELECT %s AS number, record_id FROM vault_indexentry WHERE token = %s LIMIT %s)"
    nothing = "SELECT 0 AS number, NULL AS record_id WHERE 0"
    values = [part for number, token in enumerate(tokens_) for part in (number, token, most)]
    return f"({' UNION ALL '.join([one] * len(tokens_) or [nothing])})", values


def open_many(record_ids: Collection[UUID]) -> dict[UUID, Opened]:
    """The newest values of records that were not erased, read by the machine in one question."""
    if not record_ids:
        return {}
    native = connection.features.has_native_uuid_field
    with (
        session_scope.beyond("the machine compares across agencies; its callers say nothing of whose record it is"),
        connection.cursor() as cursor,
    ):
        # said in SQL: building the same question from models takes as long as weighing the answers
        if connection.vendor == "sqlite":
            several = ", ".join(["%s"] * len(record_ids))
            cursor.execute(NEWEST.format(f"IN ({several})"), [pk.hex for pk in record_ids])
        else:
            cursor.execute("SELECT * FROM kerege_newest(%s)", [list(record_ids)])
        newest = {row[0]: row for row in cursor.fetchall()}
    found = {}
    for pk, number, ciphertext, agency, key, kek_id, wrapped in newest.values():
        ids = (pk, agency, key) if native else (UUID(hex=pk), UUID(hex=agency), UUID(hex=key))
        plain = envelope.open_data_key(ids[2], kek_id, wrapped)
        identity: Identity = envelope.unseal_json(plain, ciphertext, place(ids[0], number))
        found[ids[0]] = Opened(ids[0], ids[1], identity, told(identity))
    return found


def size() -> int:
    """How many records the register holds, as of some minutes ago: the more, the less an agreement says."""
    known: int | None = cache.get(SIZE)
    if known is None:
        with session_scope.beyond("the records of the whole register are counted"):
            known = IdentityRecord.objects.count()
        cache.set(SIZE, known, FRESH)
    return known
