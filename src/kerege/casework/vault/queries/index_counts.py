"""Counts of the blind index: the state on which the search for each record depends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import Count

from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries.candidate_search import MOST_COUNTED, MOST_SHARING, size
from kerege.core.security import keyring
from kerege.linkage.register_matching import in_steps, index_version, model_version

IN_REGISTER = "SELECT token, count(*) FROM vault_indexentry GROUP BY token HAVING count(*) > 1"
AT_AGENCIES = """SELECT r.agency_id, e.token, count(*) FROM vault_indexentry e
    JOIN vault_identityrecord r ON r.id = e.record_id GROUP BY r.agency_id, e.token HAVING count(*) > 1"""


@dataclass(frozen=True)
class IndexCounts:
    """Numbers of records: of the register, of each agency, and of each token that several records share.

    `version` names the linkage model, the blocking rules and the index keys.
    """

    version: str
    records: int
    records_of: Mapping[UUID, int]
    sharing: Mapping[bytes, int]
    sharing_of: Mapping[UUID, Mapping[bytes, int]]

    @property
    def is_complete(self) -> bool:
        """Return whether each token has all its records: with two index keys, a record may have one."""
        return len(keyring.keyring().ids("index")) == 1

    def at(self, agency_id: UUID | None) -> Mapping[bytes, int]:
        """Return how many records have a token, for tokens of several, at an agency or in the register."""
        return self.sharing if agency_id is None else self.sharing_of.get(agency_id, {})

    def encode(self, agency_id: UUID, searched: list[bytes], named: list[bytes]) -> bytes:
        """Return one byte for each count of these tokens: as far as a search distinguishes counts."""
        own, everywhere, result = self.at(agency_id), self.sharing, bytearray()
        for token in searched:
            result.append(min(own.get(token, 1), MOST_SHARING + 1))
            result.append(min(everywhere.get(token, 1), MOST_SHARING + 1))
        for token in named:
            result.append(_encode_step(min(own.get(token, 1), MOST_COUNTED)))
            result.append(_encode_step(min(everywhere.get(token, 1), MOST_COUNTED)))
        return bytes(result)


@lru_cache(maxsize=1024)
def _encode_step(count: int) -> int:
    """Return a byte for the step of a count of names; a larger count never has a smaller one."""
    number = in_steps(max(2, count))
    shift = max(0, number.bit_length() - 4)
    return 8 * shift + (number >> shift)


def read_index_counts() -> IndexCounts:
    """Count the records of every token, of each agency and of the register, without row-level security."""
    agencies = IdentityRecord.objects.order_by().values_list("agency").annotate(n=Count("pk"))
    return IndexCounts(
        version=f"{model_version()} {index_version()} {','.join(keyring.keyring().ids('index'))}"[:80],
        records=in_steps(size()),
        records_of={agency_id: in_steps(count) for agency_id, count in agencies},
        sharing=_count_in_register(),
        sharing_of=_count_at_agencies(),
    )


def _count_in_register() -> dict[bytes, int]:
    """Return the number of records of each token that several records share."""
    with connection.cursor() as cursor:
        cursor.execute(IN_REGISTER)
        return {bytes(token): count for token, count in cursor.fetchall()}


def _count_at_agencies() -> dict[UUID, dict[bytes, int]]:
    """Return, for each agency, the number of its records of each token that several of them share."""
    counts: defaultdict[UUID | str, dict[bytes, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(AT_AGENCIES)
        for agency, token, count in cursor.fetchall():
            counts[agency][bytes(token)] = count
    return {as_uuid(agency): of_agency for agency, of_agency in counts.items()}


def as_uuid(value: UUID | str) -> UUID:
    """Return an id that a query without a model returned."""
    return value if isinstance(value, UUID) else UUID(hex=value)
