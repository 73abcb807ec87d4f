"""The panel with uncertain rates, and with draws of the linkage."""

from __future__ import annotations

from functools import partial

import pytest

from kerege.evidence.mse import BadLists, Lists, panel
from kerege.evidence.mse.headline.headline import HeadlineSettings
from kerege.evidence.mse.linkage_errors.correction import simulate_linkage_errors
from kerege.evidence.mse.linkage_errors.error_rates import LinkageRate, LinkageRates
from kerege.evidence.mse.panels.answer import answer_lines
from kerege.evidence.mse.panels.panel import Panel
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE
from tests.evidence.mse.panels.given_results import LANGUAGES
from tests.evidence.mse.tables import table

KOSOVO = table("Kosovo")
NONE = LinkageRate(0.0, 0.0, 0.0)
UNCERTAIN = LinkageRates({"": LinkageRate(0.1, 0.02, 0.18)}, NONE, "a clerical sample")
REVIEWED = HeadlineSettings(referrals_out=True, linkage_reviewed=True)


run = partial(panel, KOSOVO, times=400, sweeps=1000, settings=REVIEWED)


def width(result: Panel, key: str) -> float:
    interval = result.methods[key].interval80
    assert interval is not None
    return interval[1] / interval[0]


def test_rates_without_spread_give_the_panel_of_the_rates() -> None:
    certain = LinkageRates({"": LinkageRate(0.1, 0.1, 0.1)}, NONE)
    rated, given = run(["stepwise", "decomposable"], rates=certain), run(["stepwise", "decomposable"], miss={"": 0.1})
    for key in ("stepwise", "decomposable"):
        assert rated.methods[key].interval95 == given.methods[key].interval95


@pytest.mark.parametrize("key", ["stepwise", "bic", "independence", "decomposable"])
def test_uncertain_rates_widen_every_method(key: str) -> None:
    assert width(run([key], rates=UNCERTAIN), key) > width(run([key], miss={"": 0.1}), key)


def test_draws_of_the_linkage_widen_the_methods_without_resamples_too() -> None:
    draws = simulate_linkage_errors(KOSOVO, 0.05, 0.002, times=20)
    assert width(run(["decomposable"], draws=draws), "decomposable") > width(run(["decomposable"]), "decomposable")


def test_floor_and_top_include_the_draws() -> None:
    # draws with far fewer overlaps, half of the time: the top must allow for them
    draws = [KOSOVO, *simulate_linkage_errors(KOSOVO, 0.3, 0.0, times=1)]
    plain, drawn = run(list(IN_HEADLINE)).headline, run(list(IN_HEADLINE), draws=draws).headline
    assert plain.top is not None
    top = drawn.top or (drawn.allowed[1] if drawn.allowed else 0)
    assert top > 1.2 * plain.top
    assert drawn.floor is not None
    assert plain.floor is not None
    assert drawn.floor >= plain.floor


def test_draws_that_nobody_reviewed_keep_the_allowance_for_missed_links() -> None:
    settings = HeadlineSettings(referrals_out=True, linkage_reviewed=False)
    assert run(list(IN_HEADLINE), draws=[KOSOVO], settings=settings).headline.missed_links_allowed
    assert not run(list(IN_HEADLINE), rates=UNCERTAIN, settings=settings).headline.missed_links_allowed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_answer_states_rates_with_intervals_and_their_source(lang: str) -> None:
    lines = answer_lines(run(["stepwise"], rates=UNCERTAIN), lang)
    assert "a clerical sample" in lines[2]
    assert lines[1].count("–") == 2
    assert "20" in answer_lines(run(["stepwise"], draws=[KOSOVO] * 20), lang)[1]


def test_rates_and_draws_together_are_refused() -> None:
    with pytest.raises(BadLists, match="draws of the linkage and error rates"):
        run(["stepwise"], rates=UNCERTAIN, draws=[KOSOVO])


def test_the_json_has_intervals_and_source() -> None:
    document = run(["stepwise"], rates=UNCERTAIN).as_dict("", [])["linkage"]
    assert document["miss_between"] == {"": [0.02, 0.18]}
    assert document["source"] == "a clerical sample"


@pytest.mark.parametrize(
    ("miss", "false_link", "allowed"), [({}, 0.0, True), ({}, 0.002, True), ({"": 0.05}, 0.0, False)]
)
def test_only_a_correction_of_missed_links_replaces_the_allowance_for_them(
    miss: dict[str, float], false_link: float, allowed: bool
) -> None:
    settings = HeadlineSettings(referrals_out=True, linkage_reviewed=False)
    result = run(list(IN_HEADLINE), miss=miss, false_link=false_link, settings=settings)
    assert result.headline.missed_links_allowed is allowed


def test_draws_with_fewer_people_than_the_lists_have_a_sensitivity_too() -> None:
    lists = Lists([1, 2, 4, 3, 5, 6, 7], [40, 40, 40, 10, 10, 10, 5])
    draw = Lists([1, 2, 4, 3, 5, 6, 7], [15, 15, 15, 20, 20, 20, 15])  # many more links, so 35 fewer people
    result = panel(lists, ["stepwise", "decomposable"], times=200, draws=[draw] * 3)
    interval = result.methods["stepwise"].interval80
    assert interval is not None
    assert interval[0] < lists.people
    assert result.sensitivity is not None
    limits = result.sensitivity.odds_ratios[1.0][1]
    assert limits is not None
    assert limits[0] == lists.people
