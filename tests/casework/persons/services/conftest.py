"""Reviewers, a merge by one worker, and consents in two cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services.consents import record_consent
from kerege.casework.assistance.services.referrals import ReferralDraft, refer
from kerege.casework.cases.services.shares import share
from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.services import merge, review_sample
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import Actor
from tests.casework.persons.services.merge_acts import DAY


@pytest.fixture
def merged_by_one(twice: Callable[..., Any], make_actor: Any, monkeypatch: Any) -> tuple[Actor, MatchCandidate]:
    monkeypatch.setattr(review_sample, "SAMPLE", 1)
    one, two = twice()
    worker = make_actor("caseworker")
    records = [IdentityRecord.objects.get(pk=case.record_id) for case in (one, two)]
    done = merge.merge_records(worker, merge.MergeDraft(*records, goes_on=one))
    assert done.candidate is not None
    return worker, done.candidate


@pytest.fixture
def worker(make_actor: Any) -> Actor:
    return make_actor("caseworker")  # type: ignore[no-any-return]


@pytest.fixture
def agreed(operator: Actor, twice: Callable[..., Any], make_agency: Any) -> Callable[..., tuple[Any, Any, Any, Any]]:
    """Return a function that records consent in one case, with a share and a referral based on it.

    The person refuses in the other case, some days apart.
    """

    def make(days: int, recipient: bool = True, purpose: str = "sharing_with_agency") -> tuple[Any, Any, Any, Any]:
        one, two = twice()
        third = make_agency("third", "ngo")
        yes = Consent(case=one, purpose="sharing_with_agency", recipient=third, given=True, on=DAY)
        record_consent(operator, yes)
        share(operator, one, third, "consent", yes.pk, categories=["identity"])
        refer(operator, ReferralDraft(one, third, ["shelter"], DAY, consent=yes))
        no = Consent(
            case=two,
            purpose=purpose,
            recipient=third if recipient else None,
            given=False,
            on=DAY + timedelta(days=days),
        )
        record_consent(operator, no)
        return one, two, third, yes

    return make
