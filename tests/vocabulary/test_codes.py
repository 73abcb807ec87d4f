"""Code lists: complete in three languages, without duplicates; unknown lists and codes are errors."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from kerege.vocabulary import codes
from kerege.vocabulary.code_files import read_rows
from kerege.vocabulary.languages import BUILT_IN
from kerege.vocabulary.profile import load_profile

NAMES = codes.names()
CONTRACT = {
    "sex": "female male transgender nonconforming",
    "age_band": "0_8 9_17 18_25 26_30 31_40 41_50 51_plus",
    "age_group": "child adult",
    "exploitation": "labour sexual other",
    "sexual_kind": "prostitution pornography remote_interactive private_services",
    "act": "recruitment transportation transfer harbouring receipt sale exploitation",
    "means": "force coercion abduction fraud deception abuse_of_power abuse_of_vulnerability payments",
    "victim_status": "presumed identified not_identified declined lost",
    "decision_kind": "preliminary_identification formal_identification refusal loss_of_status",
    "decision_track": "social police",
    "standard_of_proof": "reasonable_grounds balance_of_probabilities beyond_reasonable_doubt",
    "case_status": "open suspended ended follow_up closed",
    "closure_reason": "completed transferred returned withdrawn lost_contact not_a_victim deceased term_ended "
    "duplicate",
    "payer": "state iom other",
    "programme": "iom state",
    "service_status": "requested ongoing completed declined interrupted",
    "service_programme": "repatriation shelter psychological_support medical_care documentation",
    "crime_source": "mia pgo",
    "crime_stage": "registered investigation in_court convicted acquitted closed",
    "offence": "kz116 kz125_3_2 kz125_1 kz126_3_2 kz128 kz134 kz135 kz308 kz309",
    "urgency": "immediate high normal",
    "risk_level": "low medium high",
    "answer": "yes no unknown not_asked refused",
    "role": "first_responder caseworker supervisor identifying_officer justice_officer coordinator analyst publisher"
    " minister auditor administrator secretary",
}


@pytest.mark.parametrize("name", NAMES)
def test_every_code_has_a_unique_label_in_every_language(name: str) -> None:
    listed = codes.code_list(name).codes
    assert listed
    for language in BUILT_IN:
        labels = [code.labels[language] for code in listed.values()]
        assert all(label and label == label.strip() for label in labels)
        assert [label for label, times in Counter(labels).items() if times > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_code_is_repeated_in_its_file(name: str) -> None:
    rows = read_rows(name)
    assert len(rows) == len({row["code"] for row in rows})


@pytest.mark.parametrize("name", NAMES)
def test_parents_exist_in_the_parent_list(name: str) -> None:
    code_list = codes.code_list(name)
    parents = {code.parent for code in code_list.codes.values()} - {""}
    assert parents <= (set(codes.code_list(code_list.parent_list).codes) if code_list.parent_list else set())


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"answer"}))
def test_no_code_equals_an_answer_state_or_a_margin(name: str) -> None:
    assert not set(codes.code_list(name).codes) & {*codes.ANSWER_STATES, "_T", "_U", ""}


@pytest.mark.parametrize("name", NAMES)
def test_no_word_mixes_latin_and_cyrillic_letters(name: str) -> None:
    for code in codes.code_list(name).codes.values():
        for word in re.findall(r"\w+", code.labels["kk"] + " " + code.labels["ru"]):
            assert not (re.search("[a-zA-Z]", word) and re.search("[а-яёА-ЯЁәғқңөұүһіӘҒҚҢӨҰҮҺІ]", word)), word


def test_russian_labels_hold_no_kazakh_letters_except_two_regions_named_in_kazakh() -> None:
    kazakh = re.compile("[әғқңөұүһіӘҒҚҢӨҰҮҺІ]")
    regions = {
        (name, code.code)
        for name in NAMES
        for code in codes.code_list(name).codes.values()
        if kazakh.search(code.labels["ru"])
    }
    assert regions == {("region", "33"), ("region", "62")}


@pytest.mark.parametrize(("name", "expected"), CONTRACT.items())
def test_lists_that_the_register_uses_keep_their_codes(name: str, expected: str) -> None:
    assert list(codes.code_list(name).codes) == expected.split()


@pytest.mark.parametrize(
    ("name", "size"), {"region": 20, "country": 249, "labour_section": 21, "exploitation_form": 12}.items()
)
def test_lists_from_a_classification_are_complete(name: str, size: int) -> None:
    assert len(codes.code_list(name).codes) == size


def test_every_form_has_the_group_of_the_published_table() -> None:
    groups: dict[str, set[str]] = {}
    for code in codes.code_list("exploitation_form").codes.values():
        groups.setdefault(code.parent, set()).add(code.code)
    assert groups["labour"] == {"forced_labour", "child_labour", "servitude"}
    assert groups["sexual"] == {"sexual_exploitation"}
    assert {"begging", "surrogacy", "armed_conflict"} <= groups["other"]


def test_services_cover_the_eight_guaranteed_kinds_and_the_five_of_the_programme() -> None:
    services = codes.code_list("service").codes.values()
    assert {code.extras["guaranteed"] for code in services} == set(codes.code_list("service_guaranteed").codes)
    assert {code.extras["programme"] for code in services} - {""} == set(codes.code_list("service_programme").codes)
    assert len(codes.code_list("service_guaranteed").codes) == 8


def test_offences_name_their_source_and_are_unconfirmed() -> None:
    for code in codes.code_list("offence").codes.values():
        assert code.extras["confirmed"] in {"yes", "no"}
        assert code.extras["counts_as"] == ("" if code.code == "kz125_1" else "mia;pgo")
        assert code.extras["iccs"].startswith("0204") or not code.extras["iccs"]
    assert len(codes.list_offences_of("mia")) == 8
    assert codes.list_offences_of("nobody") == []


def test_a_kind_of_agency_may_at_least_one_thing_and_holds_only_roles_for_it() -> None:
    roles = load_profile("kz").roles.kinds
    needs = {"first_responder": "signal", "caseworker": "refer", "supervisor": "refer", "identifying_officer": "decide"}
    for kind in codes.code_list("agency_kind").codes.values():
        may = set(kind.extras["may"].split())
        assert may
        assert may <= {"signal", "screen", "refer", "serve", "decide"}
        for role, ability in needs.items():
            assert kind.code not in roles[role] or ability in may, (kind.code, role)
        assert ("signal" in may) == (kind.code in roles["first_responder"]), kind.code


def test_the_subjects_of_articles_8_to_10_have_a_kind() -> None:
    subjects = {kind.code: kind.extras["subject"] for kind in codes.code_list("agency_kind").codes.values()}
    assert {"education_authority", "tourism_authority", "media_authority"} <= {
        k for k, v in subjects.items() if v == "8"
    }
    assert subjects["akimat"] == "9"
    assert {"tourism_business", "employment_intermediary", "education"} <= {k for k, v in subjects.items() if v == "10"}


def test_countries_have_a_three_letter_code_and_a_world_region() -> None:
    for code in codes.code_list("country").codes.values():
        assert re.fullmatch("[A-Z]{2}", code.code)
        assert re.fullmatch("[A-Z]{3}", code.extras["alpha3"])
    assert codes.parent("country", "KZ") == codes.parent("country", "UZ") == "143"


def test_printed_names_have_their_official_spelling() -> None:
    assert codes.label("country", "KG", "ru") == "Кыргызстан"
    assert codes.label("country", "AE", "ru") == "Объединённые Арабские Эмираты"
    assert codes.label("region", "35", "kk") == "Қарағанды облысы"
    assert codes.label("region", "79", "ru") == "г. Шымкент"


@pytest.mark.parametrize("state", codes.ANSWER_STATES)
@pytest.mark.parametrize("language", BUILT_IN)
def test_answer_states_and_margins_have_a_label_in_every_list(state: str, language: str) -> None:
    words = {codes.label("sex", code, language) for code in (state, "_T", "_U")}
    assert len(words) == 3
    assert all(words)


def test_the_four_answer_states_have_different_labels() -> None:
    for language in BUILT_IN:
        answers = {codes.label("means", state, language) for state in codes.ANSWER_STATES}
        assert len(answers | {codes.label("means", "_U", language)}) == 5


def test_an_unknown_list_is_named_in_the_error() -> None:
    with pytest.raises(codes.UnknownList, match="colour"):
        codes.code_list("colour")
    assert issubclass(codes.UnknownList, KeyError)


@pytest.mark.parametrize("list_name", ["sex", "year", "quarter", "half", "service:payer"])
def test_an_unknown_code_raises_and_is_not_repeated(list_name: str) -> None:
    with pytest.raises(codes.UnknownCode) as caught:
        codes.label(list_name, "Canary Person", "en")
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("list_name", "code"), [("sex", "female"), ("sex", "_T"), ("half", "2025-H1"), ("quarter", "2025-Q1")]
)
def test_a_label_of_another_language_falls_back_to_english(list_name: str, code: str) -> None:
    assert codes.label(list_name, code, "de") == codes.label(list_name, code, "en")
    assert codes.title("sex", "de") == codes.title("sex", "en")


@pytest.mark.parametrize(
    ("list_name", "code", "labels"),
    [
        ("year", "2025", ("2025", "2025", "2025")),
        ("quarter", "2025-Q3", ("2025 жылғы III тоқсан", "III квартал 2025 года", "Q3 2025")),
        ("half", "2025-H1", ("2025 жылғы 1-жартыжылдық", "1-е полугодие 2025 года", "First half of 2025")),
        (
            "service:payer",
            "shelter:iom",
            ("Уақытша панажай беру (ХКҰ)", "Временное проживание (МОМ)", "Shelter (IOM)"),
        ),
    ],
)
def test_periods_and_pairs_are_labelled_without_a_list(list_name: str, code: str, labels: tuple[str, ...]) -> None:
    assert tuple(codes.label(list_name, code, language) for language in BUILT_IN) == labels


@pytest.mark.parametrize("code", ["2025-Q5", "2025-Q0", "25-Q1", "2025"])
def test_a_quarter_that_does_not_exist_has_no_label(code: str) -> None:
    assert not codes.has("quarter", code)


def test_choices_keep_the_file_order_without_answer_states() -> None:
    choices = codes.choices("risk_level", "en")
    assert choices == [("low", "Low"), ("medium", "Medium"), ("high", "High")]


def test_parents_of_answer_states_are_themselves() -> None:
    assert codes.parent("age_band", "18_25") == "adult"
    assert codes.parent("age_band", "refused") == "refused"
    assert codes.parent("age_band", "") == ""


def test_a_code_list_is_immutable() -> None:
    with pytest.raises(TypeError):
        codes.code_list("sex").codes["x"] = None  # type: ignore[index]
