"""Labels name one code in every spelling, and joined labels are divided only where there is one way."""

from __future__ import annotations

import pytest

from kerege.vocabulary import codes, labels
from kerege.vocabulary.labels import fold_label, htcds_labels, labels_of, split_labels


def split(list_name: str, text: str) -> list[str] | None:
    return split_labels(list_name, text, lambda part: labels_of(list_name).get(fold_label(part), ""))


def test_no_two_codes_of_a_list_share_a_label() -> None:
    for name in codes.names():
        assert set(labels_of(name).values()) <= set(codes.code_list(name).codes)


def test_two_codes_with_one_label_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    labels_of.cache_clear()
    monkeypatch.setattr(labels, "_further_labels", lambda _: iter([("RU", "KAZAKHSTAN")]))
    with pytest.raises(ValueError, match="is a label of KZ and of RU"):
        labels_of("country")
    labels_of.cache_clear()


@pytest.mark.parametrize(
    "text", ["Viet Nam", "Vietnam", " VIETNAM ", "Вьетнам", "вьетнам", "Vyetnam", "Ветнам", "Вьетнам\u00a0"]
)
def test_a_country_is_read_in_the_languages_of_the_region(text: str) -> None:
    assert labels_of("country")[fold_label(text)] == "VN"


def test_every_label_of_the_standard_is_read() -> None:
    for name in codes.names():
        for code, label in htcds_labels(name).items():
            assert labels_of(name)[fold_label(label)] == code


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Water supply; sewerage, waste management and remediation; Education", ["E", "P"]),
        ("Agriculture, forestry and fishing, Education", ["A", "P"]),
        ("Agriculture, forestry and fishing ||| Manufacturing", ["A", "C"]),
        ("Mining and quarrying Public administration and defence; compulsory social security", ["B", "O"]),
        ("Manufacturing;;Manufacturing", ["C"]),
        ("Manufacturing; Nothing known", None),
        ("Manufacturing of things", None),
    ],
)
def test_joined_labels_are_divided_whole_or_not_at_all(text: str, parts: list[str] | None) -> None:
    assert split("labour_section", text) == parts


def test_words_with_two_readings_are_not_divided() -> None:
    readings = {"a": "1", "a b": "2", "b": "3"}
    assert split_labels("", "a b b", lambda part: readings.get(part, "")) is None
    assert split_labels("", "b a", lambda part: readings.get(part, "")) == ["3", "1"]
