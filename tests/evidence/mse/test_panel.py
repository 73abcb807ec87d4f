"""The panel says the same as the methods it asks, is the same for a seed, and has stable keys."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from kerege.evidence.mse import BadLists, Lists, bootstrap, correct_linkage_errors
from kerege.evidence.mse.linkage_errors.corrected_lists import without_errors
from kerege.evidence.mse.lists import unchecked
from kerege.evidence.mse.panels.messages import answer, assumptions, errors, notes, reason, words
from kerege.evidence.mse.panels.methods import chapman
from kerege.evidence.mse.panels.panel import Panel, panel
from kerege.evidence.mse.panels.sensitivity import leave_one_out, merge_two_lists
from tests.evidence.mse.tables import table

KEYS = {"detected", "lists", "repeated", "headline", "no_estimate", "stop_rules", "methods", "sensitivity",
        "assumptions", "bootstrap", "seed", "version"}  # fmt: skip
OF_A_METHOD = {"estimate", "model", "interval80", "interval95", "bca80", "bca95", "monte_carlo", "recurrence",
               "warnings", "no_estimate"}  # fmt: skip
LANGUAGES = ("kk", "ru", "en")


@pytest.fixture(scope="module")
def kosovo() -> Panel:
    return panel(table("Kosovo"), times=1000, sweeps=1000)


def told(found: Panel) -> dict[str, object]:
    return found.as_dict(reason(found, "en"), assumptions("en"))


def test_the_methods_speak_for_themselves(kosovo: Panel) -> None:
    own = bootstrap(table("Kosovo"), "stepwise", times=1000)
    stepwise = kosovo.methods["stepwise"]
    assert stepwise.estimate == pytest.approx(14341.6638, rel=1e-6)
    limits = own.percentile(0.95), own.percentile(0.8), own.bca(0.95)
    assert [stepwise.interval95, stepwise.interval80, stepwise.bca95] == [(i.lower, i.upper) for i in limits]
    assert stepwise.monte_carlo["interval95"] == (limits[0].lower_error, limits[0].upper_error)
    assert kosovo.methods["bic"].estimate == pytest.approx(10356.52, abs=0.01)
    assert kosovo.methods["independence"].estimate == pytest.approx(7394.59, abs=0.01)
    assert kosovo.methods["lower_bound"].estimate == pytest.approx(8591, abs=1)
    assert kosovo.methods["decomposable"].estimate == pytest.approx(12_600, rel=0.01)


def test_bca_has_its_warning(kosovo: Panel) -> None:
    assert any(warning.startswith("BCa 80%: BCa reads its limits at") for warning in kosovo.methods["bic"].warnings)
    assert any(note.startswith("! BCa") for note in notes(kosovo, "en"))


def test_the_sensitivity_is_that_of_the_stepwise_estimate(kosovo: Panel) -> None:
    here = kosovo.sensitivity
    assert here is not None
    dark = 14341.6638 - 4400
    assert [figure for figure, _ in here.odds_ratios.values()] == pytest.approx(
        [4400 + dark / 2, 4400 + dark, 4400 + 2 * dark]
    )
    assert here.without == leave_one_out(table("Kosovo"))
    assert len(here.merged) == 6
    assert here.recurrence == pytest.approx(0.88, abs=0.03)
    assert (here.coverage, here.repeated_share) == pytest.approx((0.47, 0.269), abs=0.01)


def test_the_keys_of_the_json_are_stable(kosovo: Panel) -> None:
    found = told(kosovo)
    assert set(found) == KEYS
    assert found["detected"] == 4400
    assert found["no_estimate"] is None
    assert isinstance(found["headline"], dict)
    assert isinstance(found["methods"], dict)
    assert set(found["headline"]) == {"lower", "upper", "envelope", "intervals"}
    names = "stepwise bic decomposable lcmcr independence lower_bound thresholding"
    assert list(found["methods"]) == names.split()
    for method in found["methods"].values():
        assert set(method) >= OF_A_METHOD
    json.dumps(found, allow_nan=False)


def test_the_same_for_a_seed_and_another_for_another(kosovo: Panel) -> None:
    assert told(panel(table("Kosovo"), times=1000, sweeps=1000)) == told(kosovo)
    other = panel(table("Kosovo"), times=1000, sweeps=1000, seed=2)
    assert other.methods["stepwise"].interval95 != kosovo.methods["stepwise"].interval95


def test_one_method_makes_no_headline() -> None:
    found = panel(table("Kosovo"), times=200, methods=["stepwise"])
    assert list(found.methods) == ["stepwise"]
    assert found.headline is None
    assert reason(found, "en") == "only some of the methods were asked for"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_detected_comes_first_and_the_range_is_no_bare_point(kosovo: Panel, lang: str) -> None:
    first, second, third = answer(kosovo, lang)
    say = words(lang).number
    assert say(4400) in first
    assert kosovo.headline is not None
    assert all(say(limit) in second for limit in kosovo.headline)
    assert third
    assert len(assumptions(lang)) == 4


def test_every_language_has_the_same_sentences() -> None:
    keys = [{part: sorted(names) for part, names in words(lang).texts.items()} for lang in LANGUAGES]
    assert keys[0] == keys[1] == keys[2]


def test_nobody_on_two_lists_is_an_answer() -> None:
    found = panel(Lists([1, 2, 4], [5, 6, 7]), times=200, sweeps=1000)
    assert found.headline is None
    assert found.stops[0].rule == "few_overlaps"
    assert found.methods["stepwise"].estimate is None
    json.dumps(told(found), allow_nan=False)
    assert answer(found, "ru")[-1].startswith("Оценка не публикуется: людей в двух и более списках: 0")


def test_two_lists_give_chapman_with_its_warning() -> None:
    two = unchecked(("A", "B"), MADE.histories[:3], MADE.counts[:3])
    found = panel(two)
    assert [*found.methods] == ["chapman"]
    method = found.methods["chapman"]
    assert method.estimate == pytest.approx(71 * 81 / 21 - 1)
    assert method.interval95 is not None
    assert 130 < method.interval95[0] < method.estimate < method.interval95[1]
    assert "two lists cannot show" in method.warnings[0]
    assert "fewer than three lists" in reason(found, "en")


def test_lists_of_the_same_people_are_refused_where_they_are_given() -> None:
    with pytest.raises(BadLists, match="lists B and C hold the same people, give one of them"):
        panel(Lists([1, 6, 7], [50, 60, 20]), times=200)
    given = Lists([5, 6, 8, 13, 14], [40, 50, 60, 20, 15])
    assert merge_two_lists(given, "A", "B").same == ("A+B", "C")
    here = panel(given, times=200, methods=["stepwise"]).sensitivity
    assert here is not None
    assert len(here.merged) == 6


def test_two_lists_of_the_same_people_have_nobody_beside() -> None:
    assert chapman(unchecked(("A", "B"), MADE.histories[2:3], MADE.counts[2:3])).interval95 == (20, 20)


def test_one_list_is_an_answer() -> None:
    found = panel(unchecked(("A",), MADE.histories[:1], MADE.counts[:1]))
    assert (found.headline, dict(found.methods)) == (None, {})


def test_errors_of_linkage_are_corrected_and_told() -> None:
    found = panel(table("UKdat_4"), times=200, methods=["stepwise", "independence"], miss={"": 0.1}, false_link=0.005)
    plain = panel(table("UKdat_4"), times=200, methods=["independence"])
    assert found.detected == plain.detected == 2428
    assert found.lists.people < 2428  # a person whose link was missed stood in the table twice
    assert 0.8 < found.methods["independence"].estimate / plain.methods["independence"].estimate < 1.0  # type: ignore[operator]
    assert told(found)["linkage"] == {
        "miss": {"": 0.1},
        "false_link": 0.005,
        "removed": pytest.approx(correct_linkage_errors(table("UKdat_4"), 0.1, 0.005).removed),
        "people_after_correction": found.lists.people,
    }
    assert "Corrected for errors of linkage (missed 10.0%, false 0.5%)" in answer(found, "en")[1]


def test_a_correction_says_what_it_removed_what_must_hold_and_which_intervals_are_too_short() -> None:
    found = panel(table("Ned_5"), times=200, methods=["stepwise", "decomposable"], false_link=0.02)
    linkage = told(found)["linkage"]
    assert isinstance(linkage, dict)
    assert linkage["removed"] == pytest.approx(correct_linkage_errors(table("Ned_5"), 0, 0.02).removed)
    for lang, words_ in zip(LANGUAGES, ("нөлге теңестірілді", "приравнены к нулю", "are set to 0"), strict=True):
        assert any(words_ in note for note in notes(found, lang))
        assert words(lang).say("warnings.as_counted") in notes(found, lang)
        assert assumptions(lang, corrected=True)[1] == words(lang).say("assumptions.linkage_corrected")
        assert len(assumptions(lang, corrected=True)) == len(assumptions(lang))
    resampled_only = panel(table("Ned_5"), times=200, methods=["stepwise"], false_link=0.001)
    assert words("en").say("warnings.as_counted") not in notes(resampled_only, "en")


def test_resamples_of_a_corrected_table_are_those_of_the_table_as_counted() -> None:
    lists = table("UKdat_5")
    found = panel(lists, times=1000, methods=["independence"], miss={"": 0.3})
    own = correct_linkage_errors(lists, 0.3, 0)
    proper = bootstrap(own.lists, "independence", times=1000, undo=own.undo).percentile(0.8)
    assert found.methods["independence"].interval80 == (proper.lower, proper.upper)


def test_a_headline_is_never_below_those_who_were_counted() -> None:
    found = panel(table("Korea"), times=1000, sweeps=1000, miss={"b": 0.1})
    assert found.lists.people < found.detected
    assert found.envelope is not None
    assert found.envelope[0] < found.detected
    assert found.headline is not None
    assert found.headline[0] == found.detected == 123


def test_what_is_odd_in_the_table_is_said_beneath_it(kosovo: Panel) -> None:
    bound, reach = kosovo.methods["lower_bound"].estimate, kosovo.envelope
    assert bound is not None
    assert reach is not None
    assert bound > reach[0]
    assert any(note.startswith("lower bound: 8,591 is above the low end") for note in notes(kosovo, "en"))
    assert "smallest BIC: its interval that counts is marked !" in notes(kosovo, "en")
    sparse = panel(table("NewOrl"), times=500, sweeps=1000, methods=["bic"])
    counted = sparse.methods["bic"]
    assert counted.bca80 is not None
    assert counted.estimate is not None
    assert not counted.bca80[0] <= counted.estimate <= counted.bca80[1]
    assert "наименьший BIC: учитываемый интервал не содержит собственной оценки" in notes(sparse, "ru")
    assert not any("own estimate" in note for note in notes(kosovo, "en"))


def test_two_lists_are_not_corrected_and_say_so() -> None:
    two = unchecked(("A", "B"), MADE.histories[:3], MADE.counts[:3])
    with pytest.raises(BadLists, match="corrected only with three lists or more"):
        panel(two, miss={"": 0.1})


def test_one_rate_for_all_lists_is_the_model_of_linkage_errors() -> None:
    lists = table("UKdat_4")
    own, other = correct_linkage_errors(lists, 0.1, 0.005).lists, without_errors(lists, {"": 0.1}, 0.005).lists
    assert own.counts.tolist() == other.counts.tolist()
    one_sided = without_errors(lists, {"NG": 0.1}, 0.0).lists
    assert lists.people > one_sided.people > without_errors(lists, dict.fromkeys(lists.names, 0.1), 0.0).lists.people


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"times": 99}, "the number of resamples is 99"),
        ({"times": 1_000_001}, "the number of resamples is 1000001"),
        ({"seed": -1}, "the seed is -1"),
        ({"methods": ["magic"]}, "no method 'magic'"),
        ({"miss": {"": 1.0}}, "share of missed links"),
        ({"miss": {"police": 0.1}}, "no list is called police"),
        ({"false_link": -0.1}, "rate of false links"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(BadLists, match=said):
        panel(table("Kosovo"), **settings)  # type: ignore[arg-type]


MADE = Lists([1, 2, 3, 4], [50, 60, 20, 1])


def test_rules_of_the_lists_stop_some_methods_as_well() -> None:
    few = Lists([1, 2, 3, 4, 6], [50, 60, 9, 40, 8])
    found = panel(few, methods=["stepwise"], times=200)
    assert [stop.rule for stop in found.stops] == ["few_overlaps"]
    assert answer(found, "en")[-1].startswith("No estimate is published: people on two lists or more: 17")
    assert told(found)["stop_rules"] == ["few_overlaps"]
    assert panel(table("Kosovo"), methods=["stepwise"], times=200).stops == []


def test_what_has_no_bca_limits_has_no_error_of_them() -> None:
    found = panel(table("Kosovo"), methods=["stepwise"], times=200)
    without_bca = replace(found.methods["stepwise"], bca80=None, bca95=None)
    found = replace(found, methods={"stepwise": without_bca})
    assert [line.split(":")[0] for line in errors(found, "en")] == ["stepwise, p < 0.02"]


def test_noise_of_the_counts_is_in_the_intervals_of_every_method() -> None:
    lists = table("UKdat_5")
    asked = ["stepwise", "bic", "decomposable", "thresholding", "independence"]
    exact, noisy = (panel(replace(lists, noise=each), methods=asked, times=400) for each in (0.0, 6.0))
    for key in asked:
        widths = [method.interval95[1] - method.interval95[0] for method in (exact.methods[key], noisy.methods[key])]
        assert widths[1] > 1.1 * widths[0], key
        assert noisy.methods[key].estimate == exact.methods[key].estimate
    assert noisy.as_dict("", [])["noise"] == 6.0
    assert "noise" not in exact.as_dict("", [])
    assert "deviation 6.0 people" in " ".join(notes(noisy, "en"))
    assert "deviation" not in " ".join(notes(exact, "en"))


def test_noise_is_in_the_intervals_of_two_lists_and_of_corrected_ones() -> None:
    two = unchecked(("A", "B"), np.array([1, 2, 3]), np.array([400, 300, 60]))
    exact, noisy = (
        panel(unchecked(two.names, two.histories, two.counts, each)).methods["chapman"].interval95
        for each in (0.0, 20.0)
    )
    assert noisy[0] < exact[0]
    assert noisy[1] > 1.05 * exact[1]
    lists = table("UKdat_5")
    exact, noisy = (
        panel(replace(lists, noise=each), methods=["independence"], times=400, miss={"": 0.1})
        .methods["independence"]
        .interval95
        for each in (0.0, 6.0)
    )
    assert noisy[1] - noisy[0] > 1.3 * (exact[1] - exact[0])
