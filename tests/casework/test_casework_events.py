"""Django signals are sent inside the transaction of the act: an error in a receiver rolls it back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kerege.casework.assistance.events import consent_withdrawn
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services.consents import record_consent
from kerege.casework.cases.events import case_closed
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services import lifecycle
from kerege.casework.vault.events import identity_stored, person_erased
from kerege.casework.vault.models.identities import DataKey, IdentityRecord
from kerege.casework.vault.services import erasure
from tests.registries import connected

pytestmark = pytest.mark.django_db
DAY = date(2025, 4, 1)


class Broken(Exception):
    """The error of a receiver that fails."""


def failing_receiver(sender: Any, **kwargs: Any) -> None:
    raise Broken


def test_an_identity_is_not_stored_when_a_receiver_fails(make_case: Any) -> None:
    with connected(identity_stored, failing_receiver), pytest.raises(Broken):
        make_case()
    assert (Case.objects.count(), IdentityRecord.objects.count(), DataKey.objects.count()) == (0, 0, 0)


def test_nothing_of_a_person_is_erased_when_a_receiver_fails(make_case: Any, operator: Any) -> None:
    case = make_case()
    person = case.record.memberships.get().person
    with connected(person_erased, failing_receiver), pytest.raises(Broken):
        erasure.erase(operator, person)
    assert not DataKey.objects.filter(wrapped=None).exists()


def test_further_keys_that_a_receiver_names_are_destroyed_too(make_case: Any, operator: Any) -> None:
    case, second_case = make_case(), make_case()

    def name_another(sender: Any, record_ids: list[Any], **kwargs: Any) -> list[Any]:
        assert record_ids == [case.record_id]
        return [second_case.record.data_key_id]

    with connected(person_erased, name_another):
        erasure.erase(operator, case.record.memberships.get().person)
    assert set(DataKey.objects.filter(wrapped=None)) == {case.record.data_key, second_case.record.data_key}


def test_a_case_stays_open_when_a_receiver_fails(make_case: Any, operator: Any) -> None:
    case = make_case()
    with connected(case_closed, failing_receiver), pytest.raises(Broken):
        lifecycle.move(operator, case, "closed", DAY, "withdrawn")
    assert Case.objects.get().status == "open"


def test_a_refusal_is_not_recorded_when_a_receiver_fails(make_case: Any, operator: Any) -> None:
    consent = Consent(case=make_case(), purpose="sharing_with_agency", given=False, on=DAY)
    with connected(consent_withdrawn, failing_receiver), pytest.raises(Broken):
        record_consent(operator, consent)
    assert not Consent.objects.exists()
