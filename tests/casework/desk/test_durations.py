"""Share of cases decided by a day."""

from __future__ import annotations

import pytest

from kerege.casework.desk.durations import decided_share


def test_without_open_cases_it_is_the_share_of_cases_decided_so_far() -> None:
    days = [3, 3, 8, 20, 20, 20, 41]
    curve = dict(decided_share((day, True) for day in days))
    assert curve == {0: 0.0} | {day: pytest.approx(sum(other <= day for other in days) / 7) for day in set(days)}


def test_open_cases_count_until_today() -> None:
    """Weeks of remission of Freireich and others 1963, with the published Kaplan-Meier estimates."""
    decided = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    still_open = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = dict(decided_share([(day, True) for day in decided] + [(day, False) for day in still_open]))
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {day: 1 - curve[day] for day in published} == pytest.approx(published, abs=0.0006)


def test_days_in_the_wrong_order_are_left_out() -> None:
    assert decided_share([(-2, True), (5, True)]) == [(0, 0.0), (5, 1.0)]


def test_no_case_has_an_empty_curve() -> None:
    assert decided_share([]) == [(0, 0.0)]
