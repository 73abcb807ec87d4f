"""Synthetic records in the composer: what they cost is told first, it is spent once, and staff alone see the rest."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import User
from kerege.evidence.data import snapshot
from kerege.evidence.release.build import verify
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
    """An analyst's browser."""
    return sign_in(make_user("analyst"))


@pytest.fixture
def draft(house: Path, desk: Any) -> Release:
    """A draft of hers that counts a register of a few hundred people."""
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


def chosen(draft: Release) -> list[dict[str, Any]]:
    draft.refresh_from_db()
    return list(draft.spec.get("microdata", []))


def test_records_are_chosen_changed_and_left_out(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/microdata/"
    answer = desk.post(address, CHOSEN)
    assert answer["Location"] == f"/en/work/releases/{draft.pk}/"
    wanted = {"name": "victims", "of": "victims", "columns": ["sex", "age_band"], "epsilon": 2.0, "preset": "careful"}
    assert chosen(draft) == [wanted]
    titles = {"title_kk": "Адамдар", "title_ru": "Люди", "title_en": "People"}
    desk.post(f"{address}victims/", CHOSEN | titles | {"name": "people", "epsilon": "1,5"})
    [told] = chosen(draft)
    assert (told["name"], told["epsilon"], told["title"]["ru"]) == ("people", 1.5, "Люди")
    assert "People" in desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    desk.post(f"{address}people/remove/")
    assert chosen(draft) == []
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
        ({"cohorts": "means"}, "Select a valid choice"),  # several values a person
        ({"through": "2024"}, "Choose the column of the cohorts."),
        ({"cohorts": "year"}, "Say which one is the last that is over."),
        ({"cohorts": "year", "through": "24"}, "24 is none of the values: 1990, 1991, …, 2050."),
        ({"cohorts": "sex", "columns": ["sex"]}, "Choose a column to tell of the cohorts."),
        ({"cohorts": "year", "through": "2024", "revise": "2023, x"}, "x is none of the values"),
        ({"cohorts": "year", "through": "2024", "revise": "2025"}, "2025 comes after the last one that is over."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(desk: Any, draft: Release, change: dict[str, Any], says: str) -> None:
    answer = desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | change)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert chosen(draft) == []


def test_at_most_three_sets_and_no_short_name_twice(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/microdata/"
    for name in ("one", "two"):
        desk.post(address, CHOSEN | {"name": name})
    assert "has this short name" in desk.post(address, CHOSEN | {"name": "two"}).content.decode()
    desk.post(address, CHOSEN)
    assert "at most three sets" in desk.post(address, CHOSEN | {"name": "four"}).content.decode()
    assert [each["name"] for each in chosen(draft)] == ["one", "two", "victims"]


def test_a_second_set_begins_with_other_columns_and_has_another_title(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/"

    def begins() -> set[str]:
        page = desk.get(f"{address}microdata/").content.decode()
        return set(re.findall(r'<input[^>]*name="columns"[^>]*value="(\w+)"[^>]*checked', page))

    first = begins()
    desk.post(f"{address}microdata/", CHOSEN | {"columns": sorted(first)})
    second = begins()
    assert first
    assert len(second - first) > len(second & first)
    desk.post(f"{address}microdata/", CHOSEN | {"columns": sorted(second)})
    told = [each["title"] for each in microdata.listed(Release.objects.get(pk=draft.pk))]
    assert len(set(told)) == 2
    assert all(title.startswith("Victims of trafficking (") for title in told)


def test_no_two_sets_have_one_title(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/microdata/"
    titles = {"title_kk": "Адамдар", "title_ru": "Люди", "title_en": "People"}
    desk.post(address, CHOSEN | titles | {"name": "one"})
    answer = desk.post(address, CHOSEN | titles | {"name": "two", "title_en": "Persons"}).content.decode()
    assert answer.count("Another set of records of this release has this title.") >= 2
    desk.post(f"{address}one/", CHOSEN | titles | {"name": "one", "epsilon": "3"})  # her own title is no other's
    assert [(each["name"], each["epsilon"]) for each in chosen(draft)] == [("one", 3.0)]


def test_cohorts_are_chosen_and_shown_and_their_cost_is_that_of_one(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/microdata/"
    yearly = CHOSEN | {"cohorts": "year", "through": "2025"}
    desk.post(address, yearly | {"revise": " 2024,2023 , 2024"})
    [told] = chosen(draft)
    assert (told["cohorts"], told["through"], told["revise"]) == ("year", "2025", ["2024", "2023"])
    page = desk.get(f"{address}victims/").content.decode()
    assert re.search(r'<option value="year"[^>]* selected', page)
    assert 'value="2024, 2023"' in page
    assert 'class="govuk-details" open' in page
    assert "cohorts by year, to 2025" in desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    desk.post(f"{address}victims/", CHOSEN)
    assert not {"cohorts", "through", "revise"} & set(chosen(draft)[0])
    assert 'class="govuk-details" open' not in desk.get(f"{address}victims/").content.decode()

    def foreseen(form: dict[str, Any]) -> str:
        where = f"/en/work/releases/{draft.pk}/prediction/victims/?instead=victims"
        return str(desk.get(where, form, headers={"HX-Request": "true"}).content.decode())

    assert "Of each cohort by itself" in foreseen(yearly)
    assert "Of each cohort by itself" not in foreseen(CHOSEN)
    assert "Say which one is the last that is over." in foreseen(CHOSEN | {"cohorts": "year"})
    wanted = {"name": "x", "of": "victims", "columns": ["sex", "age_band"], "epsilon": 2.0, "preset": "careful"}
    whole, cohort = (
        utility_forecast.predict(draft, wanted | more, "victims")
        for more in ({}, {"cohorts": "year", "through": "2025"})
    )
    assert whole is not None
    assert cohort is not None
    assert cohort.cost == whole.cost  # revisions are within it
    assert cohort.lengths[0].error > whole.lengths[0].error


def test_sets_that_differ_in_nothing_are_told_apart_by_their_names() -> None:
    same = {"name": "a", "of": "victims", "columns": ["sex"]}
    other = same | {"name": "b"}
    assert microdata.titles([same]) == ["Victims of trafficking"]
    assert microdata.titles([same, other]) == ["Victims of trafficking (a)", "Victims of trafficking (b)"]
    more = same | {"columns": ["sex", "region", "year", "means", "act"]}
    assert microdata.titles([same, more]) == [
        "Victims of trafficking",
        "Victims of trafficking (region, year, means …)",
    ]
    suspects = same | {"of": "suspects"}
    assert microdata.titles([same, suspects]) == ["Victims of trafficking", "Suspects"]


@pytest.mark.parametrize("unit", ["victims", "suspects"])
def test_each_set_begins_with_some_columns(unit: str) -> None:
    offered = [name for name, _title in microdata.columns(unit)]
    sets: list[list[str]] = []
    for _ in range(5):
        sets.append(microdata.preselected(offered, sets))
        assert sets[-1]
    assert sets[0] != sets[1]


def test_what_two_sets_tell_together_is_said_before_anything_is_spent(desk: Any, draft: Release) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"name": "one"})
    wanted = {"name": "x", "of": "victims", "columns": ["means"], "epsilon": 2.0, "preset": "careful"}
    draft.refresh_from_db()
    told = utility_forecast.predict(draft, wanted)
    assert told is not None
    assert told.together is not None
    assert 2 < told.release.epsilon < 4  # losses add up in rho
    assert told.together.epsilon == told.release.epsilon
    page = desk.get(f"/en/work/releases/{draft.pk}/prediction/victims/", CHOSEN, headers={"HX-Request": "true"})
    assert "This release together" in page.content.decode()


def test_error_and_cost_are_predicted_before_anything_is_spent(desk: Any, draft: Release) -> None:
    address = f"/en/work/releases/{draft.pk}/prediction/victims/"
    htmx = {"HX-Request": "true"}
    page = desk.get(address, CHOSEN, headers=htmx).content.decode()
    assert "well told from" in page
    assert "the register has 800 rows" in page
    assert "Left now" in page
    assert "<html" not in page
    too_much = desk.get(address, CHOSEN | {"epsilon": "9"}, headers=htmx).content.decode()
    assert "not enough" in too_much
    assert "allows an epsilon of 4 at most" in too_much
    assert "Choose columns" in desk.get(address, CHOSEN | {"epsilon": "many"}, headers=htmx).content.decode()
    assert desk.get(address, CHOSEN)["Location"].endswith("/microdata/?of=victims")
    assert desk.get(f"/en/work/releases/{draft.pk}/prediction/services/").status_code == 404
    assert run_gate.ledger().entries() == []
    assert chosen(draft) == []


def test_what_people_report_can_be_told_for_the_prediction(desk: Any, draft: Release) -> None:
    address, htmx = f"/en/work/releases/{draft.pk}/prediction/victims/", {"HX-Request": "true"}
    chosen_ = CHOSEN | {"columns": ["sex", "age_band", "means"]}
    page = desk.get(address, chosen_, headers=htmx).content.decode()
    most = len(codes.values(next(each.list for each in standard.columns("victims") if each.name == "means"))) + 2
    assert f"as if every person reported {most} values" in page
    page = desk.get(address, chosen_ | {"reported": "5"}, headers=htmx).content.decode()
    assert "If 65 of 100 people report 5 values or fewer" in page
    wanted = {"name": "x", "of": "victims", "columns": chosen_["columns"], "preset": "balanced", "epsilon": 2.0}
    worst, known = (utility_forecast.predict(draft, wanted, reported=n) for n in (0, 5))
    assert worst is not None
    assert known is not None
    assert all(one.error > 1.5 * two.error for one, two in zip(worst.lengths, known.lengths, strict=True))
    assert worst.cost == known.cost
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", chosen_ | {"reported": "5"})
    assert "reported" not in chosen(draft)[0]


def test_a_smaller_epsilon_costs_less_and_tells_less(draft: Release) -> None:
    wanted = {"name": "x", "of": "victims", "columns": ["sex", "age_band", "means"], "preset": "balanced"}
    strict, usual = (utility_forecast.predict(draft, wanted | {"epsilon": epsilon}) for epsilon in (1.0, 4.0))
    assert strict is not None
    assert usual is not None
    assert strict.cost < usual.cost
    assert all(one.error > two.error for one, two in zip(strict.lengths, usual.lengths, strict=True))
    assert (usual.fits, usual.shares["left"], usual.shares["after"]) == (True, 100, 0)


def test_without_script_a_button_works_the_prediction_out_and_nothing_is_saved(desk: Any, draft: Release) -> None:
    page = desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"do": "predict"}).content.decode()
    assert "well told from" in page
    assert chosen(draft) == []


def test_of_a_register_whose_rows_are_no_persons_no_records_are_offered(house: Path, desk: Any, draft: Release) -> None:
    path = house / "snapshots" / "services-2025-12-31.parquet"
    snapshot.write(path, "services", [{"sex": "male"}] * 20, as_of="2025-12-31", invented=True, key=b"k" * 32)
    compose.set_data(actor_for(User.objects.get()), draft, [path.name])
    page = desk.get(f"/en/work/releases/{draft.pk}/microdata/").content.decode()
    assert "No register of people is chosen" in page


def test_beyond_the_budget_the_gate_says_so_in_three_sentences(desk: Any, draft: Release) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"epsilon": "9"})
    desk.post(f"/en/work/releases/{draft.pk}/check/")
    page = desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    assert "The noised tables and synthetic records ask for more than is left" in page
    assert run_gate.ledger().entries() == []


def test_from_the_choice_to_the_public_page(
    desk: Any, draft: Release, make_user: Any, make_actor: Any, sign_in: Any
) -> None:
    address = f"/en/work/releases/{draft.pk}/"
    desk.post(f"{address}microdata/", CHOSEN | {"columns": ["sex", "age_band", "means"]})
    check.ask_check(actor_for(User.objects.get()), draft)
    draft.refresh_from_db()
    assert (draft.state, draft.faults) == ("ready", [])
    spent = [entry["rho"] for entry in run_gate.ledger().entries()]
    assert [rho > 0 for rho in spent] == [True, False]  # the measurement, and the records made of it

    page = desk.get(address).content.decode()
    assert "Beside the real records" in page
    assert "For inside use only" in page
    assert "Privacy loss of this release: epsilon 2." in page
    assert "With everything in the ledger: epsilon 2," in page
    assert "outside this account" in page
    assert page.index("fact that was safe is guessed") < page.index("Composition")
    whole = desk.get(f"{address}microdata/victims/evaluation.html")
    assert b"For inside use only" in whole.content
    assert "style-src 'sha256-" in whole["Content-Security-Policy"]
    for lang, says in (("ru", "Только для служебного пользования"), ("kk", "Тек қызметтік пайдалану үшін")):
        answer = desk.get(f"/{lang}/work/releases/{draft.pk}/microdata/victims/evaluation.html")
        assert says in answer.content.decode()
    assert desk.get(f"{address}microdata/victims/csv/").content.startswith(b"sex,age_band,means\n")
    auditor = sign_in(make_user("auditor"))
    hers = auditor.get(address).content.decode()
    assert "Beside the real records" not in hers
    assert "fact that was safe is guessed" not in hers
    assert "The gate finds no new way in the tables" in hers
    assert auditor.get(f"{address}microdata/victims/evaluation.html").status_code == 403

    publisher = make_actor("publisher")
    approve.approve(publisher, draft, draft.draft_sha256, known_read=True)
    draft.refresh_from_db()
    out = folder() / draft.directory
    [entry] = verify(out).tree["microdata"]
    assert [each["kind"] for each in run_gate.ledger().entries()] == ["microdata", "records", "release"]
    assert not list(run_gate.drafts(draft.pk).glob("*"))

    public = Client()
    told = public.get(f"/en/releases/{draft.directory}/").content.decode()
    assert "These records are invented: no row is a person" in told
    assert "Beside the real records" not in told
    assert "Certificate of the synthetic records" in told
    assert "What they must not be used for" in told
    for each in entry["files"]:
        assert each["file"] in told
        assert public.get(f"/en/releases/{draft.directory}/{each['file']}").content == (out / each["file"]).read_bytes()
    packed = zipfile.ZipFile(io.BytesIO(public.get(f"/en/releases/{draft.directory}/release.zip").content))
    assert {name.partition("/")[2] for name in packed.namelist()} >= {each["file"] for each in entry["files"]}
    assert not [name for name in packed.namelist() if "evaluation" in name or "inside" in name]

    again = compose.correct(actor_for(User.objects.get(pk=draft.prepared_by_id)), draft)
    assert again.spec["microdata"][0]["columns"] == ["sex", "age_band", "means"]


def test_the_page_of_a_running_check_says_how_far_the_records_are(desk: Any, draft: Release) -> None:
    Release.objects.filter(pk=draft.pk).update(state="checking", check_number=3)
    run_gate.tell(draft.pk, 3, 0.42, "making records")
    page = desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    assert "Making the synthetic records" in page
    assert 'value="42"' in page


@pytest.mark.parametrize(("rows", "says"), [(5, "hardly worth publishing"), (0, "No record came out")])
def test_records_that_are_hardly_worth_it_are_said_to_be(
    house: Path, desk: Any, draft: Release, rows: int, says: str
) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"epsilon": "0.02"})
    check.ask_check(actor_for(User.objects.get()), draft)
    draft.refresh_from_db()
    written = run_gate.drafts(draft.pk) / "1/draft.json"
    manifest = json.loads(written.read_text())
    assert manifest["microdata"][0]["worth"] is False
    manifest["microdata"][0]["rows"] = rows  # the noise decides, and is another one each time
    written.write_text(json.dumps(manifest))
    assert says in desk.get(f"/en/work/releases/{draft.pk}/").content.decode()


def test_a_release_of_cohorts_from_the_gate_to_the_public_page(desk: Any, draft: Release, make_actor: Any) -> None:
    """The register of the draft says of nobody in which year: all are in the cohort of those who report none."""
    asked = {"columns": ["sex", "age_band"], "cohorts": "programme", "title_kk": "А", "title_ru": "Б", "title_en": "C"}
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | asked)
    check.ask_check(actor_for(User.objects.get()), draft)
    draft.refresh_from_db()
    assert (draft.state, draft.faults) == ("ready", [])
    page = desk.get(f"/en/work/releases/{draft.pk}/").content.decode()
    assert "cohorts by" in page
    assert "Beside the real records" in page
    approve.approve(make_actor("publisher"), draft, draft.draft_sha256, known_read=True)
    draft.refresh_from_db()
    [entry] = verify(folder() / draft.directory).tree["microdata"]
    assert (entry["cohorts"], entry["columns"]) == ("programme", ["programme", "sex", "age_band"])
    told = Client().get(f"/en/releases/{draft.directory}/").content.decode()
    assert "its epsilon holds for these records and all later ones of the series" in told
    desk.post(f"/en/work/releases/{draft.pk}/correct/")
    again = Release.objects.exclude(pk=draft.pk).get()
    assert again.spec["microdata"][0]["cohorts"] == "programme"


def test_what_was_never_measured_is_not_measured_again(desk: Any, draft: Release) -> None:
    desk.post(f"/en/work/releases/{draft.pk}/microdata/", CHOSEN | {"cohorts": "programme", "revise": "iom"})
    check.ask_check(actor_for(User.objects.get()), draft)
    draft.refresh_from_db()
    assert draft.state == "draft"
    page = desk.get(f"/ru/work/releases/{draft.pk}/").content.decode()
    assert "iom ещё не измерялась, поэтому её нельзя измерить снова" in page
    assert run_gate.ledger().entries() == []
