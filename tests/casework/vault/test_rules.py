"""Rules of identity records: the agency of the record, of a case, and of a running share."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.casework.cases.models import Case
from kerege.casework.cases.services import shares
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.rules import own_or_named, own_or_shared
from kerege.core.authorization import Actor

pytestmark = pytest.mark.db


@pytest.fixture
def case(make_case: Any) -> Case:
    """Return a case of a record of the centre."""
    created: Case = make_case()
    return created


@pytest.fixture
def reader(make_actor: Any, make_agency: Any) -> Actor:
    """Return a caseworker of another agency."""
    actor: Actor = make_actor("caseworker", agency=make_agency("other", "ngo"))
    return actor


def is_readable(actor: Actor, case: Case) -> bool:
    return IdentityRecord.objects.filter(own_or_shared(actor), pk=case.record_id).exists()


def test_another_agency_reads_no_record(case: Case, reader: Actor) -> None:
    assert not is_readable(reader, case)


def test_the_agency_of_a_case_reads_the_record_without_a_share(case: Case, reader: Actor) -> None:
    """A handover moves the case; the record stays with the agency that wrote it."""
    Case.objects.filter(pk=case.pk).update(agency=reader.agency_id)
    assert is_readable(reader, case)
    assert IdentityRecord.objects.filter(own_or_named(reader), pk=case.record_id).exists()


def test_the_agency_of_a_running_share_reads_the_record_without_a_case(
    case: Case, reader: Actor, operator: Actor, make_agency: Any
) -> None:
    share = shares.share(operator, case, make_agency("other", "ngo"), "legal")
    assert is_readable(reader, case)
    shares.end_share(operator, share)
    assert not is_readable(reader, case)
