"""Counts of the blind index: the state on which the search for each record depends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
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
    sharing_of: Mapping[tuple[UUID, bytes], int]

    @property
    def is_complete(self) -> bool:
        """Return whether each token has all its records: with two index keys, a record may have one."""
        return len(keyring.keyring().ids("index")) == 1

    def count(self, agency_id: UUID | None, token: bytes) -> int:
        """Return how many records have the token of an indexed one, at an agency or in the register."""
        return self.sharing.get(token, 1) if agency_id is None else self.sharing_of.get((agency_id, token), 1)

    def encode(self, agency_id: UUID, searched: list[bytes], named: list[bytes]) -> bytes:
        """Return one byte for each count of these tokens: as far as a search distinguishes counts."""
        own, everywhere = self.sharing_of, self.sharing
        keys = (
            (min(own.get((agency_id, token), 1), MOST_SHARING + 1), min(everywhere.get(token, 1), MOST_SHARING + 1))
            for token in searched
        )
        names = (
            (_encode_step(own.get((agency_id, token), 1)), _encode_step(everywhere.get(token, 1))) for token in named
        )
        return bytes(chain.from_iterable(chain(keys, names)))


def _encode_step(count: int) -> int:
    """Return a byte for the step of a count of names; a larger count never has a smaller one."""
    number = in_steps(max(2, min(count, MOST_COUNTED)))
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


def _count_at_agencies() -> dict[tuple[UUID, bytes], int]:
    """Return the number of records of each token that several records of one agency share."""
    with connection.cursor() as cursor:
        cursor.execute(AT_AGENCIES)
        return {(_as_uuid(agency), bytes(token)): count for agency, token, count in cursor.fetchall()}


def _as_uuid(value: UUID | str) -> UUID:
    """Return an id that a query without a model returned."""
    return value if isinstance(value, UUID) else UUID(hex=value)
