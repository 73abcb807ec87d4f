"""The loaded demo programme: figures, live work, persons, and refusal of a register that is not empty."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from kerege.base.errors import Refused
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.cases.models.case import Case, Decision, Exploitation, Task
from kerege.casework.desk import queries as desk
from kerege.casework.exchange.snapshots import freeze
from kerege.casework.intake.models import Screening, Signal
from kerege.casework.justice.models import Crime
from kerege.casework.persons.models import MatchCandidate, MatchDue, Merge
from kerege.casework.persons.queries import review_queue
from kerege.casework.vault.models.identities import Membership
from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.demo_sign_in import demo_user
from kerege.core.accounts.models import Role, User
from kerege.core.authorization import Actor
from kerege.demo.loading.load import fill, load
from kerege.demo.loading.record_linkage import linked
from kerege.demo.programme import generate
from kerege.demo.programme.assistance import LAST_DAY
from kerege.demo.programme.world import World
from kerege.vocabulary.snapshot_columns import units


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


@pytest.mark.db
@pytest.mark.django_db
def test_a_part_of_the_programme_loads_with_work_for_every_role(world_today: World) -> None:
    built = some_of(world_today, 12)
    fill(built)
    # the duplicates that the loader registers on the day of the demo
    assert Case.objects.count() == len(built.cases) + len(built.live.cases) + 4
    assert audit.verify().ok

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


@pytest.mark.django_db
def test_the_whole_programme_gives_the_published_figures_and_refuses_a_second_time(
    world_today: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "build", {timezone.localdate(): world_today}.__getitem__)
    early: dict[str, list[str]] = {}
    counts = load(counted=lambda: early.update(counted()))
    # the releases are built during the rest of the load, which must not change what they count
    assert early
    assert early == counted()
    assert counts["cases"] == Case.objects.count()
    assert counts["services"] == Service.objects.count()
    rows = list(freeze.rows("victims", timezone.localdate()))
    iom = [row for row in rows if row["programme"] == "iom"]
    assert len(iom) == 1891
    assert Counter(row["sex"] for row in iom) == {"male": 981, "female": 907, "transgender": 3}
    assert Counter(row["exploitation"] for row in iom) == {"labour": 1151, "sexual": 711, "other": 29}
    ages = Counter(row["age_band"] for row in iom)
    assert (ages["18_25"], ages["31_40"] + ages["41_50"] + ages["51_plus"]) == (677, 688)
    state = Counter(str(row["year"]) for row in rows if row["programme"] == "state")
    assert {year: state[year] for year in ("2021", "2024", "2025")} == {"2021": 200, "2024": 247, "2025": 171}
    then = list(freeze.rows("victims", date(2025, 12, 31)))
    assert {row["year"] for row in then if row["programme"] == "state"} == {"2021", "2022", "2023", "2024", "2025"}
    # duplicates that reviewers have linked count as no separate persons
    assert len(then) == len({case.person for case in world_today.cases}) - len(linked(world_today))
    assert 10 <= review_queue.work_items(of_role(Role.COORDINATOR)).count() <= 30
    assert MatchCandidate.objects.filter(agency=None, state="different").count() > 50
    police = Counter(str(row["year"]) for row in then if row["police_status"] == "identified")
    assert (police["2021"], police["2022"]) == (20, 24)
    assert any(len(row["detected_by"] or []) > 1 for row in then)
    assert Exploitation.objects.filter(main=True).count() <= Case.objects.count()
    assert Decision.objects.filter(track="police", resulting_status="identified").exists()
    late = Task.objects.filter(done_at=None, due_on__lt=timezone.localdate() - timedelta(days=7))
    assert late.count() < 15
    assert Referral.objects.filter(status="sent").exists()
    assert Signal.objects.filter(cases__isnull=False).exists()
    assert Crime.objects.filter(source="mia", registered_on__range=("2025-01-01", "2025-06-30")).count() == 134

    before = Case.objects.count()
    with pytest.raises(Refused, match="not empty"):
        load()
    assert Case.objects.count() == before
