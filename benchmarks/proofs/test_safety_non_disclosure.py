"""Response times of searches do not show whether another agency knows a name.

A caseworker searches and registers names. Half of the names belong to persons of another agency, the others to nobody.
An intruder who knows 200 times of either kind guesses for 200 further requests, by the best threshold, whether the name
is known. The names are drawn at random, so that their length and letters tell nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from statistics import fmean
from time import perf_counter
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from kerege.casework.cases.services import registration
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.persons.queries.quality import wilson_interval
from tests.casework.cases.pages import empty
from tests.casework.conftest import identity
from tests.django_fixtures import get_agency
from tests.safety.test_non_disclosure import post
from tests.safety.world import DAY, OPERATOR

TRIES = 200
# 120 family names of one pattern
NAMES = [
    "".join(part) + "ова" for part in product(("Ба", "Жа", "Са", "Ту", "Ке"), ("рлы", "нду", "мбе", "лга"), "тшкнрд")
]
Times = list[tuple[float, bool]]


def best_threshold(times: Times) -> tuple[float, bool]:
    """Return the threshold with the most correct guesses, and whether longer times mean a known name."""
    thresholds = [seconds for seconds, _known in times]
    return max(product(thresholds, (True, False)), key=lambda rule: count_correct(times, *rule))


def count_correct(times: Times, threshold: float, longer_is_known: bool) -> int:
    """Return the number of correct guesses: a name is known if its time lies beyond the threshold."""
    return sum(((seconds > threshold) == longer_is_known) == known for seconds, known in times)


def check_rate(name: str, training: Times, attacked: Times) -> float:
    """Print the share of correct guesses with its 95% interval; return the lower end of the interval."""
    correct = count_correct(attacked, *best_threshold(training))
    low, high = wilson_interval(correct, len(attacked))
    means = [fmean(seconds for seconds, known in attacked if known is kind) * 1000 for kind in (True, False)]
    print(f"{name}: {correct} of {len(attacked)} right, 95% interval {low:.3f} to {high:.3f}", end="; ")
    print(f"mean {means[0]:.2f} ms known, {means[1]:.2f} ms unknown")
    return low


@pytest.mark.django_db
def test_response_time_does_not_show_whether_another_agency_knows_a_name(make_user: Any, sign_in: Any) -> None:
    draw = random.Random(18)
    known = set(draw.sample(NAMES, len(NAMES) // 2))
    closed = get_agency("closed", "ngo")
    for name in NAMES:
        if name in known:
            registration.register(OPERATOR, Registration(closed, identity(name, "Айгүл", birth_date="1996-05-17"), DAY))
    for number in range(20):
        own = identity(f"Иванова{number}", "Ольга", birth_date="1990-01-01")
        registration.register(OPERATOR, Registration(get_agency(), own, DAY))
    browser = sign_in(make_user("caseworker"))
    birth = {"birth_day": "17", "birth_month": "5", "birth_year": "1996", "gender": "feminine"}

    def measure(page: str, forms: Sequence[dict[str, Any]]) -> Times:
        times = []
        for form in forms:
            with transaction.atomic():
                cache.clear()
                begun = perf_counter()
                answer = post(page, form)(browser)
                times.append((perf_counter() - begun, form.get("family", form.get("text")) in known))
                assert answer.status_code in {200, 302}
                transaction.set_rollback(True)
        return times

    lows = {}
    drawn = [draw.choice(NAMES) for _ in range(3 * TRIES)]
    for name, page, forms in (
        ("search", "/en/work/search/", [{"text": text} for text in drawn]),
        ("register", "/en/work/register/", [empty(family=text, given="Айгүл", **birth) for text in drawn]),
    ):
        measure(page, forms[:20])
        times = measure(page, forms)
        lows[name] = check_rate(name, times[: 2 * TRIES], times[2 * TRIES :])
    assert {name: low for name, low in lows.items() if low > 0.5} == {}


def test_the_attacker_sees_a_shift_of_one_standard_deviation() -> None:
    draw = random.Random(1)
    kinds = [draw.random() < 0.5 for _ in range(3 * TRIES)]
    times = [(draw.gauss(20 + known, 1), known) for known in kinds]
    assert check_rate("shifted", times[: 2 * TRIES], times[2 * TRIES :]) > 0.5
