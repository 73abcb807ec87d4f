"""Further rows of the panel, and the profile of each chosen model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kerege.evidence.mse import Lists, panel, rank_by_bic, select_stepwise
from kerege.evidence.mse.headline.floor import resampled_tables
from kerege.evidence.mse.loglinear.aic_selection import select_by_aic
from kerege.evidence.mse.loglinear.heterogeneity import fit_heterogeneity
from kerege.evidence.mse.loglinear.profile_likelihood import profile_interval
from kerege.evidence.mse.marginal_lists import marginal_estimates, median_estimates
from kerege.evidence.mse.panels.messages import method_rows, notes, read_messages
from kerege.evidence.mse.panels.methods import METHODS, Options, run_method
from kerege.evidence.mse.panels.panel import WEIGHTS
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE, compute_envelope
from tests.evidence.mse.tables import table

FORMS = ("chao", "poisson", "darroch", "gamma")
FURTHER = ("aic", *(f"mth_{form}" for form in FORMS), "marginal_pairs", "marginal_triples")
QUICK = Options(times=400)


def test_every_method_has_a_weight_and_a_name_in_three_languages() -> None:
    assert list(WEIGHTS) == list(METHODS)
    for lang in ("kk", "ru", "en"):
        names = [read_messages(lang).texts["methods"][key] for key in METHODS]
        assert len(set(names)) == len(names)
        assert max(map(len, names)) <= 36  # a longer one would cut off intervals in a terminal of 80 columns


def test_aic_has_the_profile_of_its_model() -> None:
    lists = table("UKdat_5")
    selected = select_by_aic(lists)
    result = run_method("aic", lists, QUICK)
    for limits, level in ((result.interval80, 0.8), (result.interval95, 0.95)):
        interval = profile_interval(lists, selected.model, level)
        assert limits is not None
        assert (result.estimate, *limits) == pytest.approx((interval.estimate, interval.lower, interval.upper))
    assert result.about["poisson_estimate"] == selected.estimate
    assert result.model.count(":") == len(selected.model) - 6


@pytest.mark.parametrize("form", FORMS)
def test_people_who_differ_have_the_fit_of_their_form(form: str) -> None:
    lists = table("UKdat_4")
    result, fitted = run_method(f"mth_{form}", lists, QUICK), fit_heterogeneity(lists, form)
    interval = profile_interval(lists, level=0.95, form=form)
    assert result.interval95 is not None
    limits = (result.estimate, *result.interval95)
    assert limits == pytest.approx((interval.estimate, interval.lower, interval.upper))
    assert (result.about["poisson_estimate"], result.about["aic"]) == (fitted.estimate, fitted.aic)


@pytest.mark.parametrize(("key", "size"), [("marginal_pairs", 2), ("marginal_triples", 3)])
def test_each_few_lists_have_the_median_and_its_resamples(key: str, size: int) -> None:
    lists = table("Kosovo")
    result = run_method(key, lists, QUICK)
    by_lists = {":".join(part.names): part.estimate for part in marginal_estimates(lists, size)}
    assert result.about["by_lists"] == by_lists
    assert result.estimate == np.median(list(by_lists.values()))
    medians = median_estimates(resampled_tables(lists, None, 400, QUICK.seed), size)
    assert result.interval80 is not None
    inside = np.mean((medians >= result.interval80[0]) & (medians <= result.interval80[1]))
    assert inside == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("key", FURTHER)
def test_lists_without_overlap_have_no_further_estimate(key: str) -> None:
    result = run_method(key, Lists([1, 2, 4], [50, 60, 70]), QUICK)
    assert result.estimate is None
    for lang in ("kk", "ru"):
        assert result.no_estimate in read_messages(lang).texts["reasons"]


def test_noise_widens_the_profile() -> None:
    lists = table("UKdat_4")
    for key in ("aic", "mth_darroch"):
        exact, noisy = (run_method(key, replace(lists, noise=noise), QUICK) for noise in (0.0, 6.0))
        assert exact.interval80 is not None
        assert noisy.interval80 is not None
        assert noisy.interval80[0] < exact.interval80[0] < exact.interval80[1] < noisy.interval80[1]


def test_chosen_models_have_a_row_of_their_profile_and_a_note() -> None:
    lists = table("UKdat_4")
    result = panel(lists, ["stepwise", "bic", "independence"], times=200)
    models = (select_stepwise(lists).model, rank_by_bic(lists).best, None)
    for method, model in zip(result.methods.values(), models, strict=True):
        interval = profile_interval(lists, model, 0.8)
        assert method.profile80 == pytest.approx((interval.lower, interval.upper))
    rows = [row for row in method_rows(result, "en") if row[0] == "  profile, model as known"]
    assert [row[1] for row in rows] == [""] * 3
    assert all(cell.endswith("p ") for row in rows for cell in row[2:])
    assert read_messages("en").say("table.profiled") in notes(result, "en")
    assert "profile95" in result.methods["stepwise"].as_dict()


def test_a_profile_of_a_corrected_table_is_noted() -> None:
    result = panel(table("UKdat_4"), ["stepwise"], times=200, miss={"": 0.1})
    assert any("the limits marked p take the corrected table" in line for line in notes(result, "en"))


def test_further_methods_do_not_change_the_envelope() -> None:
    assert not set(FURTHER) & set(IN_HEADLINE)
    lists = table("UKdat_4")
    alone = panel(lists, ["stepwise"], times=200)
    together = panel(lists, ["stepwise", *FURTHER], times=200)
    assert compute_envelope(alone.methods) == compute_envelope(together.methods)
    text = notes(together, "en")
    assert any(line.startswith("each two lists, median: from ") for line in text)


def test_rows_of_the_profile_are_marked_in_three_languages() -> None:
    result = panel(table("Korea"), ["aic", "mth_chao"], times=200)
    for lang in ("kk", "ru", "en"):
        rows = method_rows(result, lang)
        assert [row[2][-2] for row in rows] == ["p", "p"]
        assert read_messages(lang).say("table.profiled") in notes(result, lang)
