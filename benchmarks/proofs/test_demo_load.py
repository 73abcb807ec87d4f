"""The whole demo programme is loaded and gives the published figures.

See tests/demo/loading/test_load.py, which loads every twelfth person.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from django.utils import timezone

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Case, Decision, Exploitation, Task
from kerege.casework.exchange.snapshots import freeze
from kerege.casework.intake.models import Signal
from kerege.casework.justice.models import Crime
from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.queries import review_queue
from kerege.core.accounts.models import Role
from kerege.demo.programme.generate import build
from tests.demo.loading.test_load import check_load, of_role

pytestmark = pytest.mark.django_db


def test_the_whole_programme_gives_the_published_figures() -> None:
    check_load(build(timezone.localdate()))
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
