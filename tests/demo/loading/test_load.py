"""The loaded demo programme: figures, live work, persons, and refusal of a register that is not empty."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from django.utils import timezone

from kerege.base.errors import Refused
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.desk import queries as desk
from kerege.casework.desk.statistics.monthly import CalendarMonth
from kerege.casework.desk.targets import read_targets
from kerege.casework.exchange.snapshots import freeze
from kerege.casework.intake.models import Screening
from kerege.casework.justice.models import Breach, CompensationStep, ProtectionMeasure
from kerege.casework.persons.models import MatchCandidate, MatchDue, Merge
from kerege.casework.rights.models.child import AgeDoubt, Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.legal_stay import StayStep
from kerege.casework.rights.models.person_rights import Complaint, Reflection, SurveyAnswer
from kerege.casework.vault.models.identities import Membership
from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.demo_sign_in import demo_user
from kerege.core.accounts.models import Role, User
from kerege.core.authorization import Actor
from kerege.demo.loading.load import load
from kerege.demo.loading.record_linkage import linked
from kerege.demo.programme.assistance import LAST_DAY
from kerege.demo.programme.world import World
from kerege.vocabulary import codes, profile
from kerege.vocabulary.snapshot_columns import units

# steps of legal stay that no demo person has taken
MISSING_STEPS = {"owner_consent", "fingerprints"}


def some_of(built: World, every: int) -> World:
    """Return a smaller programme: every nth person of the past, with all their records."""
    persons = sorted({case.person for case in built.cases})[::every]
    known = {*persons, *(key for key, person in built.truth if person in persons)}
    return replace(
        built,
        cases=[case for case in built.cases if case.person in known],
        crimes=built.crimes[::every],
        contacts=built.contacts[::every],
    )


def of_role(role: Role) -> Actor:
    user = demo_user(role.value)
    assert user is not None, role
    return actor_for(user)


def counted() -> dict[str, list[str]]:
    """Return the sorted rows of each unit as of the last day of the published years."""
    return {unit: sorted(map(repr, freeze.rows(unit, LAST_DAY))) for unit in units()}


def check_load(built: World) -> dict[str, int]:
    """Load a programme and return its counts; published years do not change after they are counted."""
    early: dict[str, list[str]] = {}
    counts = load(counted=lambda: early.update(counted()), invent=lambda: built)
    # the releases are built during the rest of the load, which must not change what they count
    assert early
    assert early == counted()
    assert counts["cases"] == Case.objects.count()
    assert counts["services"] == Service.objects.count()
    # duplicates that reviewers have linked count as no separate persons
    tied = linked(built)
    persons = {tied.get(case.key, case.person) for case in built.cases}
    assert len(list(freeze.rows("victims", LAST_DAY))) == len(persons)
    with pytest.raises(Refused, match="not empty"):
        load()
    assert counts["cases"] == Case.objects.count()
    return counts


def check_rights() -> None:
    """Check that each record about the rights of a person is there in every state of its list."""
    for model, column, name in (
        (StayStep, "kind", "stay_step"),
        (Penalised, "outcome", "penalised_outcome"),
        (CompensationStep, "state", "compensation_state"),
        (LegalAid, "outcome", "legal_aid_outcome"),
    ):
        held = set(model.objects.values_list(column, flat=True))
        assert held >= set(codes.code_list(name).codes) - MISSING_STEPS, name
    assert LegalAid.objects.filter(granted_on=None, refused_on=None).exists()
    assert LegalAid.objects.exclude(refused_on=None).exists()
    assert set(Complaint.objects.values_list("outcome", flat=True)) >= {"", "upheld", "partly", "rejected"}
    assert {(bool(row.refused_on), bool(row.starts_on)) for row in ProtectionMeasure.objects.all()} == {
        (False, True),
        (True, False),
        (False, False),
    }
    assert Breach.objects.exists()
    assert Reflection.objects.filter(extended_until=None).exists()
    assert Reflection.objects.exclude(extended_until=None).exists()
    assert {True, False} == {row.conflict == "yes" for row in Guardian.objects.all()}
    assert AgeDoubt.objects.filter(result="").exists()
    assert SurveyAnswer.objects.count() > profile.active().threshold


@pytest.mark.db
@pytest.mark.django_db
def test_a_part_of_the_programme_loads_with_work_for_every_role(world_today: World) -> None:
    built = some_of(world_today, 12)
    check_load(built)
    # the duplicates that the loader registers on the day of the demo
    assert Case.objects.count() == len(built.cases) + len(built.live.cases) + 4
    assert audit.verify().ok

    check_rights()

    hers = desk.work(of_role(Role.CASEWORKER))
    assert hers.today.count == 3
    assert 1 <= hers.overdue.count <= 9
    # the caseworker's own tasks, and those of the absent colleague
    assert 29 <= hers.case_count <= 35
    assert desk.referrals(of_role(Role.CASEWORKER)).count == 3
    assert desk.signals(of_role(Role.CASEWORKER)).count >= 3
    assert desk.without_decision(of_role(Role.IDENTIFYING_OFFICER)).count >= 4
    assert len(desk.workload(of_role(Role.SUPERVISOR))) >= 3
    assert desk.sent_signals(of_role(Role.FIRST_RESPONDER)).count >= 3
    assert desk.crimes(of_role(Role.JUSTICE_OFFICER)).count > 0
    assert desk.pipeline(of_role(Role.COORDINATOR)).cases > 40
    # nothing is due before it is sent, concluded before it is held, or twice on one case
    assert not [row for row in Referral.objects.all() if timezone.localdate(row.sent_at) > row.due_on]
    held = Screening.objects.exclude(concluded_at=None)
    assert held
    assert all(timezone.localdate(row.concluded_at) == row.screened_on for row in held if row.concluded_at)
    reviews = Task.objects.filter(kind__in=["review_plan", "extend_term", "arrange_return"], done_at=None)
    assert not [pair for pair, n in Counter(reviews.values_list("case", "kind")).items() if n > 1]
    assert all(of_role(role).roles == {role.value} for role in Role)
    month = CalendarMonth.of("", timezone.localdate()).first
    assert len(read_targets(month)) >= 5
    assert any(current.replaced for current in read_targets(month).values())
    assert not any(user.has_usable_password() for user in User.objects.all())

    rooms: dict[tuple[str, str], set[str]] = {}
    for agency, room, sex in Stay.objects.values_list("agency__code", "bed__room", "case__sex"):
        rooms.setdefault((agency, room), set()).add(sex)
    assert len(rooms) > 4
    assert not [room for room, sexes in rooms.items() if {"male", "female"} <= sexes]

    tied = linked(built)
    persons = {case.key: tied.get(case.key, case.person) for case in built.cases}
    # of the two pairs registered on the day, one stays merged and one was unmerged
    assert (
        Membership.objects.filter(to_at=None).values("person").distinct().count()
        == len({*persons.values()}) + len(built.live.cases) + 3
    )
    merged = Merge.objects.values_list("kind", "undone_at")
    assert Counter(kind for kind, undone in merged if undone is None) == {"merge": 1}
    moved = 2 * len(merged) - 1
    assert Membership.objects.exclude(to_at=None).count() == len(persons) - len({*persons.values()}) + moved
    proposed = MatchCandidate.objects.filter(agency=None)
    assert proposed.filter(state="open").exists()
    assert not MatchDue.objects.exists()
