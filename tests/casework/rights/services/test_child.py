"""A child: who may speak for them, what an interview needs, and a doubt about the age."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services import consents, returns
from kerege.casework.cases.models.case import Task
from kerege.casework.cases.models.notices import Notice
from kerege.casework.rights import reminders
from kerege.casework.rights.models.child import AgeDoubt, BestInterest, Guardian
from kerege.casework.rights.services import child
from kerege.casework.vault.services.identities import open_text
from kerege.core import audit
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active
from tests.casework.conftest import identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]
SYSTEM = Actor.system("tests")
DAY = date(2026, 3, 2)  # a Monday
BORN = {"birth_date": "2014-05"}


@pytest.fixture
def case(make_case: Any) -> Any:
    return make_case(person=identity(**BORN), on=DAY)


def guardian(actor: Any, case: Any, name: str = "", **values: Any) -> Guardian:
    row = Guardian(**({"kind": "relative", "from_on": DAY, "conflict": "no"} | values))
    return child.save_guardian(actor, case, row, {"name": name, "act": ""})


def consent(actor: Any, case: Any) -> Consent:
    words = {"by_guardian": True, "child_assent": "yes", "categories": []}
    return consents.record_consent(actor, Consent(case=case, purpose="assistance", given=True, on=DAY, **words))


def test_a_guardian_who_is_a_suspect_consents_to_nothing(case: Any, actor: Any) -> None:
    suspect = {"conflict": "yes", "conflict_ground": "suspect"}
    with pytest.raises(BadInput, match="cannot consent"):
        guardian(actor, case, consented_to=["help"], **suspect)
    guardian(actor, case, **suspect)
    with pytest.raises(BadInput, match="conflict of interest"):
        consent(actor, case)
    guardian(actor, case, kind="appointed")
    assert consent(actor, case).given


def test_a_child_without_a_guardian_is_a_task_and_then_a_matter_of_the_coordinators(
    case: Any, actor: Any, make_user: Any, make_agency: Any
) -> None:
    make_user("coordinator", agency=make_agency("ministry", "social_protection"))
    reminders.plan(SYSTEM, DAY)
    assert Task.objects.get(case=case, kind="find_guardian").due_on == DAY + timedelta(days=1)
    assert not Notice.objects.filter(kind="child_without_guardian").exists()
    for _ in range(2):
        reminders.plan(SYSTEM, DAY + timedelta(days=2))
    assert Notice.objects.get(kind="child_without_guardian").reference == case.reference
    guardian(actor, case, "Айша")
    assert Task.objects.get(case=case, kind="find_guardian").done_at
    assert open_text(Guardian.objects.get().name) == "Айша"


def test_a_guardian_who_ends_leaves_a_new_search_and_a_new_notice_to_the_coordinators(
    case: Any, actor: Any, make_user: Any, make_agency: Any
) -> None:
    make_user("coordinator", agency=make_agency("ministry", "social_protection"))
    ended = DAY + timedelta(days=120)
    guardian(actor, case, until=ended)
    reminders.plan(SYSTEM, ended)
    assert not Task.objects.filter(kind="find_guardian").exists()
    reminders.plan(SYSTEM, ended + timedelta(days=1))
    search = Task.objects.get(kind="find_guardian", done_at=None)
    assert search.due_on == active().due("guardian", ended + timedelta(days=1))
    reminders.plan(SYSTEM, search.due_on + timedelta(days=1))
    assert Notice.objects.filter(kind="child_without_guardian").count() == 1


def test_a_person_who_turns_out_to_be_adult_needs_no_guardian(make_case: Any, actor: Any) -> None:
    case = make_case(person=identity(birth_date=""), on=DAY)
    doubt = child.save_age_doubt(actor, case, AgeDoubt(raised_on=DAY, methods=["documents"]), {})
    reminders.plan(SYSTEM, DAY)
    assert Task.objects.get(case=case, kind="find_guardian").done_at is None
    doubt.result, doubt.decided_on = "adult", DAY
    child.save_age_doubt(actor, case, doubt, {})
    assert Task.objects.get(case=case, kind="find_guardian").done_at


def test_no_interview_of_a_child_without_a_psychologist_or_a_lawyer(case: Any, actor: Any) -> None:
    def interview(*took_part: str) -> BestInterest:
        row = BestInterest(
            question="interview", answer="serves", decided_on=DAY, schooling="waiting", took_part=list(took_part)
        )
        return child.save_best_interest(actor, case, row, {"facts": "", "child_words": "Боюсь"})

    with pytest.raises(BadInput, match="psychologist or a lawyer"):
        interview("caseworker", "guardian")
    assert interview("psychologist").pk


def test_the_review_of_the_best_interests_is_a_task(case: Any, actor: Any) -> None:
    values = {"question": "school", "answer": "later", "decided_on": DAY, "schooling": "not_in_school"}
    row = BestInterest(review_on=DAY + timedelta(days=30), **values)
    child.save_best_interest(actor, case, row, {})
    row.review_on = DAY + timedelta(days=20)
    child.save_best_interest(actor, case, row, {})
    assert Task.objects.get(case=case, kind="review_interests").due_on == DAY + timedelta(days=20)


def test_a_person_whose_age_is_in_doubt_counts_as_a_child_until_it_is_decided(make_case: Any, actor: Any) -> None:
    case = make_case(person=identity(birth_date="2000-01"))
    doubt = child.save_age_doubt(actor, case, AgeDoubt(raised_on=DAY), {})
    today = timezone.localdate()
    with audit.act(actor, "test"):
        assert returns.is_child(actor, case, today)
    doubt.decided_on, doubt.result = DAY, "adult"
    child.save_age_doubt(actor, case, doubt, {})
    with audit.act(actor, "test"):
        assert not returns.is_child(actor, case, today)


def test_a_medical_examination_is_the_last_method(case: Any, actor: Any) -> None:
    with pytest.raises(BadInput, match="last method"):
        child.save_age_doubt(actor, case, AgeDoubt(raised_on=DAY, methods=["medical"]), {})
    assert child.save_age_doubt(actor, case, AgeDoubt(raised_on=DAY, methods=["documents", "medical"]), {}).pk
