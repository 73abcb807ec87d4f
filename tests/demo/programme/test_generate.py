"""The generated programme has the published margins.

It is equal on every machine and holds no real person.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kerege.demo.programme.cohorts import ADULTS, Pair, state_cohort
from kerege.demo.programme.draw import NEVER
from kerege.demo.programme.generate import SEED, build, digest, live_work
from kerege.demo.programme.people import band_on
from kerege.demo.programme.world import DemoCase, World
from kerege.linkage.names import agreement, name_keys, search_keys
from kerege.vocabulary import codes, reference_figures
from tests.demo.conftest import TODAY

FIGURES = reference_figures.figures()
FORMS = {"forced_labour": "labour", "servitude": "labour", "child_labour": "labour", "sexual_exploitation": "sexual"}


@pytest.fixture(scope="module")
def state() -> list[Pair]:
    return state_cohort(SEED)


@pytest.fixture(scope="module")
def assisted(world: World) -> list[DemoCase]:
    """Return the first assisted case of each person."""
    first: dict[str, DemoCase] = {}
    for case in world.cases:
        if case.services and (case.person not in first or start(case) < start(first[case.person])):
            first[case.person] = case
    return list(first.values())


@pytest.fixture(scope="module")
def iom(assisted: list[DemoCase]) -> list[DemoCase]:
    return [case for case in assisted if payer(case) == "iom"]


def start(case: DemoCase) -> date:
    return min(service.started_on for service in case.services if service.started_on)


def payer(case: DemoCase) -> str:
    firsts = {service.payer for service in case.services if service.started_on == start(case)}
    assert len(firsts) == 1, "who paid first is in doubt"
    return firsts.pop()


def counted(cases: list[DemoCase], what: Callable[[DemoCase], str]) -> Counter[str]:
    return Counter(map(what, cases))


def named(counts: Counter[str], published: dict[str, Any]) -> dict[str, int]:
    """Return the counts of the published categories, with all others as `other`."""
    result = {name: counts[name] for name in published if name != "other"}
    return result | {"other": sum(counts.values()) - sum(result.values())}


def test_iom_assisted_1891_persons_first_in_2004_to_2020(iom: list[DemoCase]) -> None:
    first, last = FIGURES["programme"]["iom_data_period"]
    assert len(iom) == FIGURES["programme"]["assisted_total"]
    assert {start(case).year for case in iom} == set(range(first, last + 1))


def test_1235_of_them_by_the_middle_of_2015(iom: list[DemoCase]) -> None:
    assert sum(start(case) <= date(2015, 6, 30) for case in iom) == 1235


def test_destination_and_origin_are_the_published_ones(iom: list[DemoCase]) -> None:
    destination = counted(iom, lambda case: case.exploitations[0]["exploitation_country"])
    assert named(destination, FIGURES["destination"]) == FIGURES["destination"]
    assert named(counted(iom, lambda case: case.origin), FIGURES["origin"]) == FIGURES["origin"]


def test_sex_and_main_form_are_the_published_ones(iom: list[DemoCase]) -> None:
    genders = counted(iom, lambda case: codes.code_list("gender").codes[case.identity["gender"]].parent)
    assert genders == {sex: value["count"] for sex, value in FIGURES["sex"].items()}
    forms = counted(iom, lambda case: FORMS.get(case.exploitations[0]["main_form"], "other"))
    assert forms == {form: value["count"] for form, value in FIGURES["exploitation"].items()}


def test_ages_round_to_the_printed_shares(iom: list[DemoCase]) -> None:
    ages = counted(iom, band)
    assert ages["18_25"] == 677
    over_30 = ages["31_40"] + ages["41_50"] + ages["51_plus"]
    assert over_30 == 688
    assert f"{100 * ages['18_25'] / 1891:.1f}%" == FIGURES["age"]["age_18_25"]["printed"]
    assert f"{100 * over_30 / 1891:.1f}%" == FIGURES["age"]["over_30"]["printed"]


def band(case: DemoCase) -> str:
    birth = case.identity.get("birth_date", "")
    return band_on(birth, case.registered_on) if birth else ""


def test_the_band_of_a_case_is_that_of_the_birth_date_in_any_precision(world: World) -> None:
    unlinked = {key for key, _ in world.truth}
    assert all(band(case) == case.age_band for case in world.cases if case.key not in unlinked)


def test_impossible_combinations_do_not_occur(iom: list[DemoCase]) -> None:
    for case in iom:
        form = case.exploitations[0]["main_form"]
        assert form != "child_labour" or case.age_band in {"0_8", "9_17"}
        assert form != "surrogacy" or case.identity["gender"] == "feminine"
        assert case.origin == "KZ" or case.exploitations[0]["exploitation_country"] != case.origin
    assert NEVER > 0


def test_the_states_persons_have_the_published_volumes(assisted: list[DemoCase]) -> None:
    state = [case for case in assisted if payer(case) == "state"]
    years = counted(state, lambda case: str(start(case).year))
    assert years == {"2021": 200, "2022": 186, "2023": 208, "2024": 247, "2025": 171}
    last = [case for case in state if start(case).year == 2025]
    adults = counted([case for case in last if case.age_band in ADULTS], lambda case: case.identity["gender"])
    assert adults == {"masculine": 94, "feminine": 52}
    assert sum(case.age_band not in ADULTS for case in last) == 25
    assert sum(case.origin != "KZ" for case in last) == 93
    before = [case for case in state if start(case).year == 2024]
    assert sum(case.origin != "KZ" for case in before) == 114
    employed = [c for c in before if any(s.kind == "employment" and s.status == "completed" for s in c.services)]
    assert (len(employed), sum(case.origin != "KZ" for case in employed)) == (32, 4)


def test_the_state_pays_more_of_the_services_every_year_since_2020(world: World) -> None:
    shares = []
    for year in range(2020, 2026):
        payers = Counter(s.payer for c in world.cases for s in c.services if s.started_on and s.started_on.year == year)
        shares.append(payers["state"] / sum(payers.values()))
    assert shares == sorted(shares)


def test_the_police_identified_the_published_numbers(world: World) -> None:
    persons_by_year: dict[str, set[str]] = {}
    for case in world.cases:
        for decision in case.decisions:
            if decision.track == "police" and decision.status == "identified":
                persons_by_year.setdefault(str(decision.decided_on.year), set()).add(case.person)
    assert (len(persons_by_year["2021"]), len(persons_by_year["2022"])) == (20, 24)


def test_crimes_have_the_published_counts_by_source(world: World) -> None:
    def count(source: str, first: date, last: date) -> int:
        return sum(crime.source == source and first <= crime.registered_on <= last for crime in world.crimes)

    assert count("mia", date(2025, 1, 1), date(2025, 6, 30)) == FIGURES["crimes"]["recorded"]
    assert count("mia", date(2025, 1, 1), date(2025, 12, 31)) == 164
    assert count("pgo", date(2025, 1, 1), date(2025, 12, 31)) == 298
    assert count("pgo", date(2024, 1, 1), date(2024, 12, 31)) == 357
    minors = [crime for crime in world.crimes if crime.offence == "kz135" and crime.source == "pgo"]
    assert Counter(crime.registered_on.year for crime in minors) == {2024: 9, 2025: 31}
    for source in ("mia", "pgo"):
        listed = set(codes.list_offences_of(source))
        assert {crime.offence for crime in world.crimes if crime.source == source} <= listed


def test_contacts_stay_within_the_published_range_and_campaigns_have_the_theme(world: World) -> None:
    years = Counter(contact.at.year for contact in world.contacts)
    assert len(years) == 5
    assert all(850 <= count <= 1900 for count in years.values())
    assert FIGURES["world"]["campaign_2025"] in {campaign.titles["en"] for campaign in world.campaigns}


def test_planted_duplicates_are_unlinked_persons_without_assistance(world: World) -> None:
    by_key = {case.key: case for case in [*world.cases, *world.live.cases]}
    persons = {case.person for case in world.cases}
    assert len(world.truth) > 100
    for key, person in world.truth:
        assert by_key[key].person == key
        assert not by_key[key].services
        assert person in persons
    assert len({key for key, _ in world.truth}) == len(world.truth)


def test_most_planted_duplicates_can_be_found_by_the_name_in_the_register(world: World) -> None:
    by_key = {case.key: case for case in [*world.cases, *world.live.cases]}
    number_found = sum(answers(by_key[key], by_key[person]) for key, person in world.truth)
    same = sum(name_of(by_key[key]) == name_of(by_key[person]) for key, person in world.truth)
    assert number_found > 0.6 * len(world.truth) > 3 * same


def answers(one: DemoCase, other: DemoCase) -> bool:
    first = one.identity["names"][0]
    query = search_keys(" ".join(filter(None, (first.get("family"), first.get("given")))))
    return agreement(query, name_keys([name_of(other)])) is not None


def name_of(case: DemoCase) -> str:
    return " ".join(value for key, value in case.identity["names"][0].items() if key != "kind")


def test_the_morning_changes_with_the_day_and_nothing_else_does(world: World) -> None:
    one, other = replace(world), build(date(2027, 2, 3))
    assert digest(one) != digest(other)
    one.live = other.live
    one.truth, other.truth = one.truth[:-3], other.truth[:-3]
    assert digest(one) == digest(other)


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 2, 10), TODAY, date(2028, 2, 29)])
def test_a_caseworker_has_a_real_morning_on_any_day(today: date, state: list[Pair], world: World) -> None:
    live, _ = live_work(today, state)
    assert (live == world.live) == (today == TODAY)
    hers = [case for case in live.cases if case.caseworker == "caseworker"]
    assert 18 <= len(hers) <= 24
    assert all(date(2026, 1, 1) <= case.registered_on <= today for case in hers)
    assert all(not s.started_on or date(2026, 1, 1) <= s.started_on <= today for c in live.cases for s in c.services)
    due = [task.due_on - today for task in live.tasks if task.assignee == "caseworker"]
    assert (sum(d == timedelta(0) for d in due), sum(d < timedelta(0) for d in due)) == (3, 1)
    waiting = [r for r in live.referrals if r.to_agency == "crisis-karaganda" and not r.answers]
    assert len(waiting) == 1
    assert any(signal.state == "new" and signal.to_agency == "crisis-karaganda" for signal in live.signals)
    assert any(task.assignee == "identifying-officer" and task.kind == "request_decision" for task in live.tasks)


def test_the_programme_is_the_same_in_another_process_with_another_hash_seed(world: World) -> None:
    imports = "from datetime import date; from kerege.demo.programme.generate import *"
    code = f"{imports}; print(digest(build(date(2026, 7, 30))))"
    env = {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(Path("src").resolve())}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert run.stdout.strip() == digest(world)


def test_referrals_go_only_to_the_embassy_of_the_persons_country(world: World) -> None:
    cases = {case.key: case for case in world.live.cases}
    asked = [row for row in world.live.referrals if row.to_agency.startswith("embassy-")]
    assert asked
    for row in asked:
        assert cases[row.case].identity["citizenships"] == [row.to_agency.removeprefix("embassy-").upper()]


def test_case_keys_are_unique(world: World) -> None:
    keys = [case.key for case in [*world.cases, *world.live.cases]]
    assert len(keys) == len(set(keys))


def test_no_number_or_document_can_be_a_real_persons(world: World) -> None:
    for case in [*world.cases, *world.live.cases]:
        assert all(phone.startswith("+7000") for phone in case.identity.get("phones", []))
        assert all(document["number"].startswith("DEMO") for document in case.identity.get("documents", []))
        assert "address" not in case.identity


def test_every_code_is_of_its_list(world: World) -> None:
    wrong = {(name, value) for name, value in used_codes(world) if value and value not in known(name)}
    assert wrong == set()


def known(name: str) -> set[str]:
    return {*codes.code_list(name).codes, "unknown", "not_asked", "refused", "no"}


EPISODE = {
    "main_form": "exploitation_form",
    "forms": "exploitation_form",
    "labour_sections": "labour_section",
    "sexual_kinds": "sexual_kind",
    "acts": "act",
    "means": "means",
    "means_of_control": "means_of_control",
    "recruitment_methods": "recruitment_method",
    "recruitment_platforms": "platform",
    "recruiter_relation": "recruiter_relation",
    "recruiter_detail": "recruiter_detail",
    "recruitment_country": "country",
    "transit_countries": "country",
    "exploitation_country": "country",
    "exploitation_region": "region",
}


def used_codes(world: World) -> Iterator[tuple[str, str]]:
    """Yield each (list, code) that the programme uses."""
    for case in [*world.cases, *world.live.cases]:
        yield from case_codes(case)
    for crime in [*world.crimes, *world.live.crimes]:
        yield from [("offence", crime.offence), ("crime_stage", crime.stage), ("region", crime.region)]
        for sex, roles, group, stage in crime.suspects:
            yield from [("sex", sex), ("answer", group), ("crime_stage", stage), *(("suspect_role", r) for r in roles)]
    for row in world.contacts:
        yield from [("contact_channel", row.channel), ("caller_kind", row.caller), ("contact_topic", row.topic)]
        yield from [("contact_outcome", row.outcome), ("region", row.region), ("language", row.language)]
    for campaign in world.campaigns:
        yield from [("campaign_audience", campaign.audience), *(("campaign_channel", c) for c in campaign.channels)]
    for agency in world.agencies:
        yield from [("agency_kind", agency.kind), ("region", agency.region), ("country", agency.country)]
        yield from (("language", language) for language in agency.languages)
    yield from live_codes(world)


def case_codes(case: DemoCase) -> Iterator[tuple[str, str]]:
    yield from [("signal_channel", case.route), ("region", case.region), ("risk_level", case.risk)]
    yield from [("case_status", case.status), ("closure_reason", case.closure_reason), ("country", case.origin)]
    yield from [("age_band", case.age_band), ("gender", case.identity["gender"])]
    yield from (("country", country) for country in case.identity.get("citizenships", []))
    yield from (("document_kind", document["kind"]) for document in case.identity.get("documents", []))
    for episode in case.exploitations:
        for column, name in EPISODE.items():
            value = episode.get(column, "")
            yield from ((name, code) for code in (value if isinstance(value, list) else [value]))
    for service in case.services:
        yield from [("service", service.kind), ("payer", service.payer), ("service_status", service.status)]
    for decision in case.decisions:
        yield from [("decision_kind", decision.kind), ("decision_track", decision.track)]
        yield from [("victim_status", decision.status), ("standard_of_proof", decision.standard_of_proof)]
        yield from (("document_kind", kind) for kind in decision.documents)


def live_codes(world: World) -> Iterator[tuple[str, str]]:
    live = world.live
    yield from (("task_kind", task.kind) for task in live.tasks)
    for consent in live.consents:
        yield from [("consent_purpose", consent.purpose), ("consent_manner", consent.manner)]
        yield from (("data_category", category) for category in consent.categories)
    for referral in live.referrals:
        yield from (("service", kind) for kind in referral.services)
        yield from (("data_category", category) for category in referral.categories)
        yield from (("decline_reason", reason) for _, reason in referral.answers)
    for signal in live.signals:
        yield from [("signal_channel", signal.channel), ("caller_kind", signal.caller), ("urgency", signal.urgency)]
        yield ("exploitation_form", signal.suspected_form)
    yield from (("need_domain", need) for _, _, needs, _ in live.needs for need in needs)
