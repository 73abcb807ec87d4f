"""Who may be the same person: the blind index names records that share blocking keys, the engine weighs them.

The machine looks at all records, whoever may read them; callers say among which, and show only what their rules allow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log2
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from kerege.casework.vault import crypto
from kerege.casework.vault.identity import Identity, blocking_keys, told
from kerege.casework.vault.models import IdentityRecord
from kerege.casework.vault.queries import tokens
from kerege.casework.vault.services import place
from kerege.casework.vault.wall import NEWEST
from kerege.core.access import wall
from kerege.linkage import people

# a key that more records share says nothing about any two of them
MOST_SHARING = 60
# records that are decrypted and weighed for one
SCORED = 12
# a name that so many records bear is a common one, and further ones are not counted
MOST_COUNTED = 1000
# the keys of the words of a name in the index: given names by their fold, the others by their stem
KEY_OF = {"given": "n:f:", "family": "n:s:", "patronymic": "n:s:"}
SIZE, FRESH = "vault.records", 600

SHARED = "SELECT number, record_id FROM {} AS held"
COUNTED = "SELECT number, count(*) FROM {} AS held GROUP BY number"

Among = Callable[[Sequence[UUID]], Sequence[UUID]]


@dataclass(frozen=True)
class Opened:
    """A record's newest values, for the machine alone."""

    id: UUID
    agency_id: UUID
    identity: Identity
    told: people.Told


@dataclass(frozen=True)
class Scored:
    """A record and how well it agrees with the one that was asked about."""

    record: Opened
    match: people.Match


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
    sharers = (pk for pk in sharing(blocking_keys(identity)) if pk not in without)
    found = list(islice(sharers if among is None else among(list(sharers)), SCORED))
    known = {} if known is None else known
    known.update(open_many([pk for pk in found if pk not in known]))
    others = [known[pk] for pk in found if pk in known]
    matches = weighed(told(identity), [other.told for other in others])
    ranked = sorted(zip(others, matches, strict=True), key=lambda pair: (-pair[1].weight, pair[0].id))
    return [Scored(*pair) for pair in ranked]


def weighed(one: people.Told, others: Sequence[people.Told]) -> list[people.Match]:
    """One person against others, in their order, by the size of the register and by how common her names are in it."""
    if not others:
        return []
    records, borne = size(), _borne(people.names_to_count(one))

    def share(name: str, value: str) -> float | None:
        count = borne.get((name, value))
        return None if count is None else people.share(name, count, records)

    return people.compare(one, others, records, share)


def _borne(names: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """How many records bear each of these names; of several words the rarest. Common ones and unknown ones lack."""
    keys = {each: [f"{KEY_OF[each[0]]}{word}" for word in each[1].split()] for each in names}
    held = _held(sorted({key for several in keys.values() for key in several}))
    counted = {each: [held[key] for key in several if key in held] for each, several in keys.items()}
    return {each: least for each, counts in counted.items() if counts and (least := min(counts)) < MOST_COUNTED}


def _held(keys: Sequence[str]) -> Counter[str]:
    """How many records each key has, in one question of the index."""
    wanted, held = tokens(*keys), Counter[str]()
    if wanted:
        with wall.beyond("the machine counts how common a name is; it says nothing of whose record bears it"):
            for number, count in _asked(COUNTED, wanted, MOST_COUNTED):
                # each key has as many tokens as there are index keys
                held[keys[number * len(keys) // len(wanted)]] += count
    return held


def sharing(keys: Iterable[str]) -> Iterator[UUID]:
    """Every record that shares a key, the one with the most and the rarest first. Keys that many share find nobody."""
    wanted = tokens(*sorted(keys))
    if not wanted:
        return
    with wall.beyond("the machine compares across agencies; its callers say nothing of whose record it is"):
        # of a token that many share, one more than is read
        rows = _asked(SHARED, wanted, MOST_SHARING + 1)
    shared_by = Counter(number for number, _ in rows)
    worth: dict[Any, float] = {}
    for number, record_id in rows:
        if shared_by[number] <= MOST_SHARING:
            worth[record_id] = worth.get(record_id, 0.0) + 1 + log2(MOST_SHARING / shared_by[number])
    # an id is made of those alone that are asked for
    for pk in sorted(worth, key=lambda pk: (-worth[pk], pk)):
        yield pk if isinstance(pk, UUID) else UUID(hex=pk)


def _asked(question: str, wanted: Sequence[bytes], most: int) -> list[tuple[int, Any]]:
    """What the index holds of tokens, by their number from 0 on; at most so many records of each are read."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            one = "SELECT * FROM (SELECT %s AS number, record_id FROM vault_indexentry WHERE token = %s LIMIT %s)"
            values = [part for number, token in enumerate(wanted) for part in (number, token, most)]
            cursor.execute(question.format(f"({' UNION ALL '.join([one] * len(wanted))})"), values)
        else:
            # said by an array, its tokens are numbered from 1 on
            cursor.execute(question.format("kerege_postings(%s, %s)"), [list(wanted), most])
        first = 0 if connection.vendor == "sqlite" else 1
        return [(number - first, value) for number, value in cursor.fetchall()]


def open_many(record_ids: Collection[UUID]) -> dict[UUID, Opened]:
    """The newest values of records that were not erased, read by the machine in one question."""
    if not record_ids:
        return {}
    native = connection.features.has_native_uuid_field
    with (
        wall.beyond("the machine compares across agencies; its callers say nothing of whose record it is"),
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
        plain = crypto.open_data_key(ids[2], kek_id, wrapped)
        identity: Identity = crypto.unseal_json(plain, ciphertext, place(ids[0], number))
        found[ids[0]] = Opened(ids[0], ids[1], identity, told(identity))
    return found


def size() -> int:
    """How many records the register holds, as of some minutes ago: the more, the less an agreement says."""
    known: int | None = cache.get(SIZE)
    if known is None:
        with wall.beyond("the records of the whole register are counted"):
            known = IdentityRecord.objects.count()
        cache.set(SIZE, known, FRESH)
    return known
