"""Synthetic microdata in the composer: forecast before cost, one charge, evaluation for staff only."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User
from kerege.evidence.data import snapshot
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.release.build import verify
from kerege.evidence.synthesis import synthesize
from kerege.publishing.composer import utility_forecast
from kerege.publishing.gate import run_gate
from kerege.publishing.presenters import microdata
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import approve, check, compose
from kerege.publishing.storage.release_files import folder
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as standard
from tests.publishing import release_driver

pytestmark = pytest.mark.django_db
CHOSEN = {"columns": ["sex", "age_band"], "epsilon": "2", "preset": "careful"}


@pytest.fixture
def desk(house: Path, make_user: Any, sign_in: Any) -> Any:
    """Return an analyst's browser."""
    return sign_in(make_user("analyst"))


@pytest.fixture
def draft(house: Path, desk: Any) -> Release:
    """Return the analyst's draft, which counts a register of 800 people."""
    chance = random.Random(1)
    rows = [
        {
            "sex": chance.choice(["female", "female", "male"]),
            "age_band": chance.choice(["18_25", "26_30", "31_40"]),
            "means": chance.choice([["threats"], ["debt_bondage", "threats"], None]),
            "record_id": str(number),
        }
        for number in range(800)
    ]
    path = house / "snapshots" / "victims-2025-12-31.parquet"
    path.parent.mkdir()
    snapshot.write(path, "victims", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    return release_driver.compose(actor_for(User.objects.get()), path.name)


def stored_sets(draft: Release) -> list[dict[str, Any]]:
    draft.refresh_from_db()
    return list(draft.spec.get("microdata", []))


def test_a_set_is_added_changed_and_removed(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/microdata/"
    answer = desk.post(address, CHOSEN)
    assert answer["Location"] == f"/en/work/releases/{draft.pk}/"
    expected = {"name": "victims", "of": "victims", "columns": ["sex", "age_band"], "epsilon": 2.0, "preset": "careful"}
    assert stored_sets(draft) == [expected]
    titles = {"title_kk": "Адамдар", "title_ru": "Люди", "title_en": "People"}
    desk.post(f"{address}victims/", CHOSEN | titles | {"name": "people", "epsilon": "1,5"})
    [stored] = stored_sets(draft)
    assert (stored["name"], stored["epsilon"], stored["title"]["ru"]) == ("people", 1.5, "Люди")
    assert "People" in desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    desk.post(f"{address}people/remove/")
    assert stored_sets(draft) == []
    assert "microdata" not in draft.spec


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"columns": []}, "Choose at least one column."),
        ({"columns": ["record_key"]}, "Select a valid choice"),
        ({"columns": ["services"]}, "Select a valid choice"),
        ({"epsilon": "0"}, "greater than or equal to 0.01"),
        ({"epsilon": "nan"}, "Enter a number"),
        ({"preset": "wild"}, "Select a valid choice"),
        ({"name": "A b"}, "Use small letters"),
        ({"title_en": "People"}, "Write it in this language too"),
        ({"cohorts": "means"}, "Select a valid choice"),  # a person has several values of it
        ({"through": "2024"}, "Choose the column of the cohorts."),
        ({"cohorts": "year"}, "Enter the last completed one."),
        ({"cohorts": "year", "through": "24"}, "24 is not one of the values: 1990, 1991, …, 2050."),
        (
            {"cohorts": "sex", "columns": ["sex"]},
            "Choose at least one column in addition to the column of the cohorts.",
        ),
        (
            {"cohorts": "year", "through": "2024", "auto": "on"},
            "Cohorts of one series have the same columns: choose them yourself.",
        ),
        ({"cohorts": "year", "through": "2024", "revise": "2023, x"}, "x is not one of the values"),
        ({"cohorts": "year", "through": "2024", "revise": "2025"}, "2025 is later than the last completed one."),
    ],
)
def test_a_faulty_set_shows_the_fault_beside_its_field(
    desk: Any, draft: Release, change: dict[str, Any], says: str
) -> None:
    answer = desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | change)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert stored_sets(draft) == []


def test_a_release_holds_at_most_three_sets_with_distinct_names(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/microdata/"
    for name in ("one", "two"):
        desk.post(address, CHOSEN | {"name": name})
    assert "has this short name" in desk.post(address, CHOSEN | {"name": "two"}).content.decode()
    desk.post(address, CHOSEN)
    assert "at most three sets" in desk.post(address, CHOSEN | {"name": "four"}).content.decode()
    assert [entry["name"] for entry in stored_sets(draft)] == ["one", "two", "victims"]


def test_a_second_set_preselects_other_columns_and_gets_another_title(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/"

    def preselected_columns() -> set[str]:
        page = desk.get(f"{address}microdata/").content.decode()
        return set(re.findall(r'<input[^>]*name="columns"[^>]*value="(\w+)"[^>]*checked', page))

    first = preselected_columns()
    desk.post(f"{address}microdata/", CHOSEN | {"columns": sorted(first)})
    second = preselected_columns()
    assert first
    assert len(second - first) > len(second & first)
    desk.post(f"{address}microdata/", CHOSEN | {"columns": sorted(second)})
    titles = [entry["title"] for entry in microdata.list_microdata(Release.objects.get(pk=draft.pk))]
    assert len(set(titles)) == 2
    assert all(title.startswith("Victims of trafficking (") for title in titles)


def test_two_sets_cannot_have_the_same_title(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/microdata/"
    titles = {"title_kk": "Адамдар", "title_ru": "Люди", "title_en": "People"}
    desk.post(address, CHOSEN | titles | {"name": "one"})
    answer = desk.post(address, CHOSEN | titles | {"name": "two", "title_en": "Persons"}).content.decode()
    assert answer.count("Another set of records of this release has this title.") >= 2
    desk.post(
        f"{address}one/", CHOSEN | titles | {"name": "one", "epsilon": "3"}
    )  # the set's own title is no duplicate
    assert [(entry["name"], entry["epsilon"]) for entry in stored_sets(draft)] == [("one", 3.0)]


def test_cohorts_are_stored_and_cost_as_much_as_one_measurement(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/microdata/"
    yearly = CHOSEN | {"cohorts": "year", "through": "2025"}
    desk.post(address, yearly | {"revise": " 2024,2023 , 2024"})
    [stored] = stored_sets(draft)
    assert (stored["cohorts"], stored["through"], stored["revise"]) == ("year", "2025", ["2024", "2023"])
    page = desk.get(f"{address}victims/").content.decode()
    assert re.search(r'<option value="year"[^>]* selected', page)
    assert 'value="2024, 2023"' in page
    assert 'class="govuk-details" open' in page
    assert "cohorts by year, to 2025" in desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    desk.post(f"{address}victims/", CHOSEN)
    assert not {"cohorts", "through", "revise"} & set(stored_sets(draft)[0])
    assert 'class="govuk-details" open' not in desk.get(f"{address}victims/").content.decode()

    def forecast_page(form: dict[str, Any]) -> str:
        where = f"/en/work/releases/{draft.pk}/prediction/victims/?instead=victims"
        return str(desk.get(where, form, headers={"HX-Request": "true"}).content.decode())

    assert "For each cohort separately" in forecast_page(yearly)
    assert "For each cohort separately" not in forecast_page(CHOSEN)
    assert "Enter the last completed one." in forecast_page(CHOSEN | {"cohorts": "year"})
    entry = {"name": "x", "of": "victims", "columns": ["sex", "age_band"], "epsilon": 2.0, "preset": "careful"}
    undivided, cohort = (
        utility_forecast.predict_utility(draft, entry | more, "victims")
        for more in ({}, {"cohorts": "year", "through": "2025"})
    )
    assert undivided is not None
    assert cohort is not None
    assert cohort.cost == undivided.cost  # the cost includes the revisions
    assert cohort.lengths[0].error > undivided.lengths[0].error


def test_a_choice_by_noisy_counts_is_stored_and_has_a_share_of_the_loss(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/microdata/"
    desk.post(address, CHOSEN | {"auto": "on"})
    assert stored_sets(draft)[0]["auto"] is True
    assert re.search(r'<input[^>]*name="auto"[^>]*checked', desk.get(f"{address}victims/").content.decode())
    assert "noisy counts choose among the columns" in desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    entry = {"name": "x", "of": "victims", "columns": ["sex", "age_band"], "epsilon": 2.0, "preset": "careful"}
    plain, chosen = (utility_forecast.predict_utility(draft, entry | more, "victims") for more in ({}, {"auto": True}))
    assert plain is not None
    assert chosen is not None
    assert chosen.cost == plain.cost
    assert chosen.lengths[0].error > plain.lengths[0].error
    desk.post(f"{address}victims/", CHOSEN)
    assert "auto" not in stored_sets(draft)[0]


def test_noisy_counts_without_records_pass_to_the_public_page(
    desk: Any, draft: Release, make_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module(synthesize.__module__), "discrete_gaussian", repeatable(1))
    address = f"/en/work/releases/{draft.pk}/"
    desk.post(f"{address}microdata/", CHOSEN | {"auto": "on", "epsilon": "0.05"})
    check.ask_check(actor_for(User.objects.get()), draft)
    draft.refresh_from_db()
    assert (draft.state, draft.faults) == ("ready", [])
    page = desk.get(address).content.decode()
    assert "Noisy counts without records" in page
    assert "Epsilon bounds what the noisy counts reveal." in page
    assert desk.get(f"{address}microdata/victims/evaluation.html").status_code == 404
    assert desk.get(f"{address}microdata/victims/counts-csv/").content.startswith(b"column_1,value_1,")
    approve.approve(make_actor("publisher"), draft, draft.draft_sha256, known_read=True)
    draft.refresh_from_db()
    [entry] = verify(folder() / draft.directory).microdata
    assert not entry.has_records
    public_page = Client().get(f"/en/r/{draft.directory}/").content.decode()
    assert "Noisy counts without records" in public_page
    assert "victims.csv" not in public_page
    [asked] = compose._as_signed(draft)["microdata"]
    assert (asked["auto"], asked["columns"]) == (True, ["sex", "age_band"])


def test_equal_sets_are_distinguished_by_their_names() -> None:
    first = {"name": "a", "of": "victims", "columns": ["sex"]}
    second = first | {"name": "b"}
    assert microdata.distinct_titles([first]) == ["Victims of trafficking"]
    assert microdata.distinct_titles([first, second]) == ["Victims of trafficking (a)", "Victims of trafficking (b)"]
    wider = first | {"columns": ["sex", "region", "year", "means", "act"]}
    assert microdata.distinct_titles([first, wider]) == [
        "Victims of trafficking",
        "Victims of trafficking (region, year, means …)",
    ]
    suspects = first | {"of": "suspects"}
    assert microdata.distinct_titles([first, suspects]) == ["Victims of trafficking", "Suspects"]


@pytest.mark.parametrize("unit", ["victims", "suspects"])
def test_each_further_set_preselects_columns(unit: str) -> None:
    offered = [name for name, _title in microdata.offered_columns(unit)]
    sets: list[list[str]] = []
    for _ in range(5):
        sets.append(microdata.preselect_columns(offered, sets))
        assert sets[-1]
    assert sets[0] != sets[1]


def test_the_forecast_shows_the_joint_loss_of_two_sets(desk: Any, draft: Release) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"name": "one"})
    entry = {"name": "x", "of": "victims", "columns": ["means"], "epsilon": 2.0, "preset": "careful"}
    draft.refresh_from_db()
    forecast = utility_forecast.predict_utility(draft, entry)
    assert forecast is not None
    assert forecast.together is not None
    assert 2 < forecast.release.epsilon < 4  # losses add up in rho
    assert forecast.together.epsilon == forecast.release.epsilon
    page = desk.get(f"/en/work/releases/{draft.pk}/prediction/victims/", CHOSEN, headers={"HX-Request": "true"})
    assert "This release in total" in page.content.decode()


def test_the_forecast_shows_error_and_cost_and_charges_nothing(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/prediction/victims/"
    htmx = {"HX-Request": "true"}
    page = desk.get(address, CHOSEN, headers=htmx).content.decode()
    assert "reliable from" in page
    assert "the register has 800 rows" in page
    assert "Left before this release" in page
    assert "<html" not in page
    too_much = desk.get(address, CHOSEN | {"epsilon": "9"}, headers=htmx).content.decode()
    assert "not enough" in too_much
    assert "allows an epsilon of at most 4" in too_much
    assert "Choose columns" in desk.get(address, CHOSEN | {"epsilon": "many"}, headers=htmx).content.decode()
    assert desk.get(address, CHOSEN)["Location"].endswith("/microdata/?of=victims")
    assert desk.get(f"/en/work/releases/{draft.pk}/prediction/services/").status_code == 404
    assert run_gate.open_ledger().entries() == []
    assert stored_sets(draft) == []


def test_the_usual_number_of_reported_values_improves_the_forecast(desk: Any, draft: Release) -> None:
    address, htmx = f"/en/work/releases/{draft.pk}/prediction/victims/", {"HX-Request": "true"}
    form = CHOSEN | {"columns": ["sex", "age_band", "means"]}
    page = desk.get(address, form, headers=htmx).content.decode()
    most = len(codes.values(next(spec.list for spec in standard.columns("victims") if spec.name == "means"))) + 2
    assert f"as if every person reported {most} values" in page
    page = desk.get(address, form | {"reported": "5"}, headers=htmx).content.decode()
    assert "If 65 of 100 people report 5 values or fewer" in page
    entry = {"name": "x", "of": "victims", "columns": form["columns"], "preset": "balanced", "epsilon": 2.0}
    worst, known = (utility_forecast.predict_utility(draft, entry, reported=n) for n in (0, 5))
    assert worst is not None
    assert known is not None
    assert all(first.error > 1.5 * second.error for first, second in zip(worst.lengths, known.lengths, strict=True))
    assert worst.cost == known.cost
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", form | {"reported": "5"})
    assert "reported" not in stored_sets(draft)[0]


def test_a_smaller_epsilon_costs_less_and_is_less_accurate(draft: Release) -> None:
    entry = {"name": "x", "of": "victims", "columns": ["sex", "age_band", "means"], "preset": "balanced"}
    strict, usual = (utility_forecast.predict_utility(draft, entry | {"epsilon": epsilon}) for epsilon in (1.0, 4.0))
    assert strict is not None
    assert usual is not None
    assert strict.cost < usual.cost
    assert all(first.error > second.error for first, second in zip(strict.lengths, usual.lengths, strict=True))
    assert (usual.fits, usual.shares["left"], usual.shares["after"]) == (True, 100, 0)


def test_without_scripts_a_button_shows_the_forecast_and_saves_nothing(desk: Any, draft: Release) -> None:
    page = desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"do": "predict"}).content.decode()
    assert "reliable from" in page
    assert stored_sets(draft) == []


def test_a_unit_without_one_row_per_person_offers_no_microdata(house: Path, desk: Any, draft: Release) -> None:
    path = house / "snapshots" / "services-2025-12-31.parquet"
    snapshot.write(path, "services", [{"sex": "male"}] * 20, as_of="2025-12-31", invented=True, key=b"k" * 32)
    compose.set_data(actor_for(User.objects.get()), draft, [path.name])
    page = desk.get(f"/en/work/releases/{draft.pk}/microdata/").content.decode()
    assert "No register of people is chosen" in page


def test_a_set_beyond_the_budget_is_refused_and_charges_nothing(desk: Any, draft: Release) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"epsilon": "9"})
    desk.post(f"/en/work/releases/{draft.pk}/check/")
    page = desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    assert "The tables with noise and the synthetic records need more budget than is left" in page
    assert run_gate.open_ledger().entries() == []


def test_microdata_pass_from_the_form_to_the_public_page(
    desk: Any, draft: Release, make_user: Any, make_actor: Any, sign_in: Any
) -> None:
    address = f"/en/work/releases/{draft.pk}/"
    desk.post(f"{address}microdata/", CHOSEN | {"columns": ["sex", "age_band", "means"]})
    check.ask_check(actor_for(User.objects.get()), draft)
    draft.refresh_from_db()
    assert (draft.state, draft.faults) == ("ready", [])
    spent = [entry.rho for entry in run_gate.open_ledger().entries()]
    assert [rho > 0 for rho in spent] == [True, False]  # the measurement, and the records made of it

    page = desk.get(address).content.decode()
    assert "Comparison with the real records" in page
    assert "For internal use only" in page
    assert "Privacy loss of this release: epsilon 2." in page
    assert "With everything in the ledger: epsilon 2," in page
    assert "outside this account" in page
    assert page.index("fact that was safe is guessed") < page.index("Composition")
    evaluation_page = desk.get(f"{address}microdata/victims/evaluation.html")
    assert b"For internal use only" in evaluation_page.content
    assert "style-src 'sha256-" in evaluation_page["Content-Security-Policy"]
    for lang, says in (("ru", "Только для внутреннего пользования"), ("kk", "Тек ішкі пайдалану үшін")):
        answer = desk.get(f"/{lang}/work/releases/{draft.pk}/microdata/victims/evaluation.html")
        assert says in answer.content.decode()
    assert desk.get(f"{address}microdata/victims/csv/").content.startswith(b"sex,age_band,means\n")
    auditor = sign_in(make_user("auditor"))
    auditor_page = auditor.get(address).content.decode()
    assert "Comparison with the real records" not in auditor_page
    assert "fact that was safe is guessed" not in auditor_page
    assert "No new disclosure risk found in the tables" in auditor_page
    assert auditor.get(f"{address}microdata/victims/evaluation.html").status_code == 403

    publisher = make_actor("publisher")
    approve.approve(publisher, draft, draft.draft_sha256, known_read=True)
    draft.refresh_from_db()
    out = folder() / draft.directory
    [entry] = verify(out).tree["microdata"]
    assert [entry.kind for entry in run_gate.open_ledger().entries()] == ["microdata", "records", "release"]
    assert not list(run_gate.drafts(draft.pk).glob("*"))

    public = Client()
    public_page = public.get(f"/en/r/{draft.directory}/").content.decode()
    assert "These records are invented: no row is a person" in public_page
    assert "Comparison with the real records" not in public_page
    assert "Certificate of the synthetic records" in public_page
    assert "What they must not be used for" in public_page
    for file in entry["files"]:
        assert file["file"] in public_page
        assert public.get(f"/en/r/{draft.directory}/{file['file']}").content == (out / file["file"]).read_bytes()
    archive = zipfile.ZipFile(io.BytesIO(public.get(f"/en/r/{draft.directory}/release.zip").content))
    assert {name.partition("/")[2] for name in archive.namelist()} >= {file["file"] for file in entry["files"]}
    assert not [name for name in archive.namelist() if "evaluation" in name or "inside" in name]

    correction = compose.correct(actor_for(User.objects.get(pk=draft.prepared_by_id)), draft)
    assert correction.spec["microdata"][0]["columns"] == ["sex", "age_band", "means"]


def test_the_page_of_a_running_check_shows_the_progress_of_the_microdata(desk: Any, draft: Release) -> None:
    Release.objects.filter(pk=draft.pk).update(state="checking", check_number=3)
    run_gate.record_progress(draft.pk, 3, 0.42, "making records")
    page = desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    assert "Making the synthetic records" in page
    assert 'value="42"' in page


@pytest.mark.parametrize(("rows", "says"), [(5, "low utility"), (0, "No record came out")])
def test_microdata_of_little_utility_are_marked(house: Path, desk: Any, draft: Release, rows: int, says: str) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"epsilon": "0.02"})
    check.ask_check(actor_for(User.objects.get()), draft)
    draft.refresh_from_db()
    written = run_gate.drafts(draft.pk) / "1/draft.json"
    manifest = json.loads(written.read_text())
    assert manifest["microdata"][0]["worth"] is False
    manifest["microdata"][0]["rows"] = rows  # the number of rows depends on the noise, so it is fixed here
    written.write_text(json.dumps(manifest))
    assert says in desk.get(f"/en/work/releases/{draft.pk}/").content.decode()


def test_microdata_of_cohorts_pass_from_the_gate_to_the_public_page(desk: Any, draft: Release, make_actor: Any) -> None:
    """Check a release with cohorts. No row reports the cohort column, so one cohort holds all people."""
    form = {"columns": ["sex", "age_band"], "cohorts": "programme", "title_kk": "А", "title_ru": "Б", "title_en": "C"}
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | form)
    check.ask_check(actor_for(User.objects.get()), draft)
    draft.refresh_from_db()
    assert (draft.state, draft.faults) == ("ready", [])
    page = desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    assert "cohorts by" in page
    assert "Comparison with the real records" in page
    approve.approve(make_actor("publisher"), draft, draft.draft_sha256, known_read=True)
    draft.refresh_from_db()
    [entry] = verify(folder() / draft.directory).tree["microdata"]
    assert (entry["cohorts"], entry["columns"]) == ("programme", ["programme", "sex", "age_band"])
    public_page = Client().get(f"/en/r/{draft.directory}/").content.decode()
    assert "The epsilon of that cohort covers these records, all later records of the series" in public_page
    desk.post(f"/en/work/releases/{draft.pk}/correct/")
    correction = Release.objects.exclude(pk=draft.pk).get()
    assert correction.spec["microdata"][0]["cohorts"] == "programme"


def test_a_cohort_never_measured_cannot_be_measured_again(desk: Any, draft: Release) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"cohorts": "programme", "revise": "iom"})
    check.ask_check(actor_for(User.objects.get()), draft)
    draft.refresh_from_db()
    assert draft.state == "draft"
    page = desk.get(f"/ru/work/releases/{draft.pk}/").content.decode()
    assert "iom ещё не измерялась, поэтому её нельзя измерить снова" in page
    assert run_gate.open_ledger().entries() == []
