"""Numbers outside `<data>`: a planted one is found, signed and declared ones are not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kerege.publishing.site_check.declared_words import declare
from kerege.publishing.site_check.judge import judge_page
from kerege.publishing.site_check.page_tree import read_page
from kerege.publishing.site_check.signed_table import read_table
from kerege.publishing.site_check.stray_numbers import Declared, find_stray

TABLES = {
    "annual-2024/sex": read_table(b"sex,count,status\n_T,1500,ok\nmale,877,ok\nfemale,,suppressed\n"),
    "annual-2025/sex": read_table(b"sex,count,status\n_T,1891,ok\nmale,980,ok\nfemale,,suppressed\n"),
}
KNOWN = Declared(declare([]).words, frozenset({Decimal(10)}))


def stray(words: str, release: str = "annual-2025") -> list[str]:
    """Return the stray numbers of a paragraph."""
    page = read_page(f'<main data-release="{release}"><p>{words}</p></main>')
    return [fault.partition(" in “")[0] for fault in find_stray(page, TABLES, KNOWN)]


def test_a_number_to_call_is_no_figure_and_a_figure_in_a_link_is_none_to_call() -> None:
    assert stray('Child line: <a href="tel:111">111</a>') == []
    for words in ('<a href="tel:111">112</a>', '<a href="/f/sex/">111</a>', '<a href="tel:111">111 people</a>', "111"):
        assert stray(words) != [], words


@pytest.mark.parametrize(
    "words",
    [
        "980 of 1,891 in 2025",
        "980 из 1 891 в 2025 году, реестр на 31 декабря 2025 г.",
        "2025 ж. 31 желтоқсан; 1 891; 10-нан аз",
        "18–25, under 10, 30 July 10:00, 2025-07-30, sha256:37223da6fc75, CC BY 4.0, SHA-256",
        "Art. 308: involving in prostitution",
        '<data value="7">7</data><code>7</code><svg><text>7</text></svg>',
    ],
)
def test_signed_counts_dates_labels_and_names_are_no_stray_numbers(words: str) -> None:
    assert stray(words) == []


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("981 of 1,891", ["981"]),
        ("981 из 1 892", ["981", "1 892"]),
        ("60.9% were men", ["60.9"]),
        ("877 in the release of another year", ["877"]),
        ("Art. 309 people", ["309"]),
        ("5 people, aged 18–25", ["5"]),
        ("9", ["9"]),
    ],
)
def test_a_number_that_nothing_bears_out_is_found(words: str, numbers: list[str]) -> None:
    assert stray(words) == numbers


@pytest.mark.parametrize(
    ("keys", "words", "is_true"),
    [
        ("sex/female", "1 of 2 withheld", True),
        ("sex/female", "2 of 2 withheld", False),
        ("sex/female sex/male", "2 of 2 withheld", False),
        ("", "0 of 2 withheld", False),
        ("sex/other", "1 of 2 withheld", False),
    ],
)
def test_the_count_of_withheld_cells_is_a_claim_about_each_of_them(keys: str, words: str, is_true: bool) -> None:
    page = f'<main data-release="annual-2025"><span data-claim="withheld_some" data-key="{keys}">{words}</span></main>'
    assert (judge_page(page, TABLES, {}, KNOWN).faults == []) is is_true
