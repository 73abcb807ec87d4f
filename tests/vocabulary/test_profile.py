"""Country profile: every fact has a source; errors in a file say what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.vocabulary import codes, profile
from kerege.vocabulary.pack import find_pack

TEXT = "\n".join(map(find_pack("kz").read_text, profile.PARTS))
KZ = profile.load_profile("kz")


def faults_of(change: Callable[[dict[str, Any]], object]) -> list[str]:
    """Return the errors of a profile after a change."""
    tree = tomllib.loads(TEXT)
    change(tree)
    with pytest.raises(BadInput) as caught:
        profile.check(tree, "kz.toml")
    return [str(fault) for fault in caught.value.faults]


def test_kazakhstans_profile_is_valid_and_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEREGE_COUNTRY", raising=False)
    assert profile.active() is KZ
    assert (KZ.country, KZ.time_zone, KZ.languages) == ("KZ", "Asia/Almaty", ["kk", "ru", "en"])


def test_a_pack_confirms_no_fact() -> None:
    assert KZ.unconfirmed() == KZ.facts()
    assert {"hotline", "service_term", "legal_basis.law-110-viii", "clocks.guardian"} <= {
        fact.path for fact in KZ.facts()
    }


def test_an_unconfirmed_fact_has_its_value_and_source() -> None:
    lines = [str(fact) for fact in profile.unconfirmed(KZ)]
    assert any(line.startswith("hotline: number=11616") and "source: " in line for line in lines)
    assert all(fact.source for fact in KZ.unconfirmed())


def test_every_fact_of_a_bundled_profile_has_a_label() -> None:
    labels = codes.code_list("profile_fact").codes
    facts = {fact.path for name in profile.available() for fact in profile.load_profile(name).unconfirmed()}
    named = {path for path in facts if path.startswith(("legal_basis.", "law.", "phones."))}
    assert named  # the page shows the title of the law or of the article, or the name of the telephone number
    assert facts - named - labels.keys() == set()


def test_confirming_a_fact_removes_it_from_the_list() -> None:
    tree = tomllib.loads(TEXT)
    tree["hotline"]["confirmed"] = True
    confirmed = profile.check(tree, "kz.toml")
    assert "hotline" not in {fact.path for fact in confirmed.unconfirmed()}
    assert len(confirmed.unconfirmed()) == len(KZ.unconfirmed()) - 1


def test_the_main_facts_have_their_values() -> None:
    assert (KZ.hotline.number, KZ.emergency.number) == ("11616", "102")
    assert (KZ.service_term.months, KZ.service_term.extended_months) == (6, 9)
    assert KZ.threshold == 10
    cohort = KZ.cohorts["iom_2004_2020"]
    assert (cohort.payer, cohort.first_year, cohort.last_year) == ("iom", 2004, 2020)
    law = next(basis for basis in KZ.legal_basis if basis.id == "law-110-viii")
    assert (law.adopted, law.identifier) == (date(2024, 7, 5), "Z2400000110")


def test_the_offences_that_the_ministry_counts_agree_with_the_code_list() -> None:
    for source, known in KZ.offences.items():
        assert known.known == codes.list_offences_of(source)
    assert KZ.offences["mia"].stated == len(KZ.offences["mia"].known) == 8
    assert KZ.offences["pgo"].stated == 9


def test_only_acts_on_sharing_are_a_basis_for_sharing() -> None:
    assert [basis.id for basis in KZ.sharing_bases] == ["order-844-406"]


def test_a_clock_skips_weekends_and_public_holidays() -> None:
    # Nauryz: 21 to 23 March; 20 March 2026 is a Friday
    assert KZ.due("referral_answer", date(2026, 3, 20)) == date(2026, 3, 26)
    assert KZ.due("signal_triage", date(2026, 5, 26)) == date(2026, 5, 28)  # Kurban Ait
    with pytest.raises(KeyError):
        KZ.due("no_such_clock", date(2026, 1, 1))


def test_a_clock_skips_the_weekend_of_the_profile() -> None:
    tree = tomllib.loads(TEXT)
    tree["holidays"]["weekend"] = [4, 5]  # Friday and Saturday
    friday_off = profile.check(tree, "kz.toml")
    thursday, days = date(2026, 9, 3), KZ.clocks["referral_answer"].business_days
    assert (days, friday_off.due("referral_answer", thursday)) == (3, date(2026, 9, 8))  # Sunday to Tuesday
    assert KZ.due("referral_answer", thursday) == date(2026, 9, 8)  # Friday, Monday, Tuesday
    assert friday_off.due("signal_triage", thursday) == date(2026, 9, 6)


def test_a_text_may_lack_a_partial_language_and_is_listed() -> None:
    tree = tomllib.loads(TEXT)
    tree |= {"partial_languages": ["kk"], "fallback_languages": ["ru", "en"]}
    del tree["hotline"]["name"]["kk"]
    partial = profile.check(tree, "kz.toml")
    assert list(partial.untranslated()) == [("hotline.name", "kk")]
    assert list(KZ.untranslated()) == []
    tree["hotline"]["name"].pop("en")
    with pytest.raises(BadInput, match="name lacks en"):
        profile.check(tree, "kz.toml")


def test_an_unknown_key_is_refused_by_name() -> None:
    assert faults_of(lambda tree: tree["hotline"].update(nubmer="1")) == [
        "kz.toml: hotline.nubmer is not a key of a profile, remove it or correct its spelling"
    ]


def test_a_missing_key_is_refused_by_name() -> None:
    assert faults_of(lambda tree: tree["hotline"].pop("confirmed")) == ["kz.toml: hotline.confirmed is missing, add it"]


def test_all_faults_are_reported_together() -> None:
    def spoil(tree: dict[str, Any]) -> None:
        tree["country"] = "XX"
        del tree["population"]
        tree["colour"] = "blue"

    assert len(faults_of(spoil)) == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t["publication"].update(minimum_cell=4), "greater than or equal to 5"),
        (lambda t: t["publication"].update(minimum_cell="ten"), "publication.minimum_cell"),
        (lambda t: t.update(time_zone="Asia/Atlantis"), "not a time zone"),
        (lambda t: t.update(default_language="de"), "default_language"),
        (lambda t: t.update(languages=["ru"]), "default_language is not one of languages"),
        (lambda t: t["holidays"]["days"].append("02-30"), "'02-30' is not a day of the year"),
        (lambda t: t["holidays"].update(moving=["soon"]), "holidays.moving.0"),
        (lambda t: t["service_term"].update(extended_months=3), "extended_months is shorter"),
        (lambda t: t["cohorts"]["iom_2004_2020"].update(payer="nobody"), "not in the code list payer"),
        (lambda t: t["cohorts"]["iom_2004_2020"].update(last_year=2003), "last_year is before first_year"),
        (lambda t: t["cohorts"]["iom_2004_2020"].update(kind="state"), "state is the kind of two cohorts"),
        (lambda t: t["crime_sources"]["pgo"].update(main=True), "exactly one source has main = true"),
        (lambda t: t["crime_sources"].pop("mia"), "exactly one source has main = true"),
        (lambda t: t["crime_sources"].update(press={}), "press is not in the code list crime_source"),
        (lambda t: t["import_agency"].update(kind="bank"), "not in the code list agency_kind"),
        (lambda t: t["offences"]["mia"]["known"].append("kz999"), "not in the code list offence"),
        (
            lambda t: (
                t["services"]["catalogue"].remove("legal_aid")
                or t["services"]["catalogue"].remove("documentation")
                or t["services"]["catalogue"].remove("interpretation")
            ),
            "guaranteed kind legal",
        ),
        (lambda t: t["clocks"]["plan_review"].update(business_days=0), "greater than or equal to 1"),
        (lambda t: t["legal_basis"][0].update(adopted="July"), "legal_basis.0.adopted"),
        (lambda t: t["legal_basis"][0].update(covers=[]), "legal_basis.0.covers"),
        (lambda t: t["legal_basis"][1].update(id="law-110-viii"), "law-110-viii occurs twice"),
        (lambda t: t["hotline"]["name"].update(kk=""), "hotline.name.kk"),
        (lambda t: t["hotline"]["name"].pop("ru"), "hotline.name lacks ru"),
        (lambda t: t["hotline"]["name"].update(kz="?"), "hotline.name is in kz, which is not a language"),
        (lambda t: t["help_page"].pop("kk"), "help_page lacks kk"),
        (lambda t: t["holidays"].update(weekend=[5, 7]), "holidays.weekend.1"),
        (lambda t: t["hotline"].update(source=""), "hotline.source"),
        (lambda t: t["hotline"].update(number="call us"), "hotline.number"),
    ],
)
def test_a_wrong_value_is_refused_with_its_location(change: Callable[[dict[str, Any]], object], words: str) -> None:
    (sentence,) = faults_of(change)
    assert sentence.startswith("kz.toml: ")
    assert words in sentence


def test_invalid_toml_is_refused() -> None:
    with pytest.raises(BadInput, match=r"broken\.toml: is not TOML"):
        profile.parse("country = ", "broken.toml")


@pytest.mark.parametrize("country", ["zz", "../kz", "", "kz.toml"])
def test_an_unknown_country_error_lists_the_profiles(country: str) -> None:
    with pytest.raises(BadInput, match="use one of kg, kz"):
        profile.load_profile(country)
