"""Sentences of the report: numbers and plurals by language, rounded and suppressed cells, conditions."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from kerege.publishing.report.cell_index import CellIndex
from kerege.publishing.report.claims import Claim
from kerege.publishing.report.document import ReportDocument, compose
from kerege.publishing.report.facts import CountFact, ShareFact
from kerege.publishing.report.formats.press import compose_press_release
from kerege.publishing.report.localiser import TEXTS, get_localiser
from kerege.publishing.report.prose import Prose
from kerege.publishing.storage.year_releases import YearReleases

Make = Callable[..., YearReleases]


def report_text(doc: ReportDocument) -> str:
    """Return all text of the report without its pictures."""
    words = [doc.lead, doc.estimate.headline, *doc.method, *doc.caveats]
    words += [f"{tile.value} {tile.caption} {tile.more}" for tile in doc.tiles]
    for chapter in doc.chapters:
        words += [chapter.finding, *chapter.bullets, *chapter.limits]
    for figure in doc.figures.values():
        words += [figure.heading, figure.alt, *figure.sentences]
        words += [" ".join((row.head, *row.cells)) for row in figure.rows]
    return "\n".join(words)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_templates_hold_no_digits(lang: str) -> None:
    lines = (TEXTS / f"{lang}.toml").read_text(encoding="utf-8").splitlines()
    prose = [line for line in lines if (not line.startswith(("#", "[", "H1", "H2")) and "=" in line) or '"' in line]
    holes = re.compile(r"\{\w[^} ]*\}|(keys|scope) = \"[^\"]*\"|places = \d|^[\w-]+ =")
    assert [line for line in prose if re.search(r"\d", holes.sub("", line)) and line[:2] not in ("H1", "H2")] == []


def test_the_three_languages_have_the_same_keys() -> None:
    def keys(tree: dict[str, object], at: str = "") -> set[str]:
        paths = set()
        for name, value in tree.items():
            path = f"{at}.{name}"
            if path.startswith(".nouns"):
                continue
            paths |= keys(value, path) if isinstance(value, dict) else {path}
        return paths

    kk, ru, en = (keys(get_localiser(lang).text) for lang in ("kk", "ru", "en"))
    assert kk == ru == en


def test_numbers_and_plurals_follow_the_language() -> None:
    assert get_localiser("en").fact(CountFact(1891), "people") == "1,891\u00a0people"
    assert get_localiser("ru").fact(CountFact(1891), "people") == "1\u00a0891\u00a0человек"
    assert get_localiser("ru").fact(CountFact(22), "people") == "22\u00a0человека"
    assert get_localiser("ru").fact(CountFact(134), "crimes") == "134\u00a0преступления"
    assert get_localiser("kk").fact(CountFact(1741), "people") == "1\u00a0741\u00a0адам"
    assert get_localiser("ru").fact(CountFact(910, about=True), "people") == "около 910\u00a0человек"
    assert get_localiser("kk").percent(ShareFact(0.4796, whole=1891)) == "48,0%"
    assert get_localiser("ru").percent(ShareFact(0.609, whole=1891)) == "60,9\u00a0%"
    assert get_localiser("en").percent(ShareFact(0.4796, about=True)) == "48%"


def test_the_newest_whole_year_leads_in_three_languages(year_releases: Make) -> None:
    """The register is as of July 2025, so 2024 is the newest whole year."""
    year = year_releases()
    for lang, count, difference in (
        ("kk", "247\u00a0адам", "44"),
        ("ru", "247\u00a0пострадавшим", "44"),
        ("en", "247", "44"),
    ):
        doc = compose(year, lang)
        assert count in doc.lead
        assert f"{difference} " in doc.lead.replace("\u00a0", " ")
        assert "2024" in doc.lead
        assert "2023" in doc.lead
        assert compose_press_release(doc).headline == doc.lead
    for lang, total in (("kk", "1\u00a0891\u00a0адам"), ("ru", "1\u00a0891\u00a0человеку"), ("en", "1,891")):
        assert total in compose(year, lang).chapters[0].bullets[0]


def test_two_whole_years_are_compared_only_by_exact_counts(year_releases: Make) -> None:
    doc = compose(year_releases(changes={"state_assisted_by_year": {("2023",): (200, "perturbed")}}), "en")
    assert doc.lead == "In 2024 the state gave first help to 247\u00a0people who had been trafficked"


def test_figures_equal_those_of_the_release(year_releases: Make) -> None:
    year = year_releases()
    doc = compose(year, "en")
    for figure in ("origin", "destination", "exploitation", "age"):
        table = year.table(doc.figures[figure].tables[0])
        assert table is not None
        published = {f"{row.cell.count:,}" for row in table.rows if row.cell.count is not None}
        assert {row.cells[0] for row in doc.figures[figure].rows} - {"suppressed"} == published


def test_a_changed_table_changes_the_sentence(year_releases: Make) -> None:
    doc = compose(year_releases(changes={"origin": {("KZ",): 951}}), "en")
    assert doc.figures["origin"].heading == "Kazakhstan is the most frequent country of origin: 951\u00a0people, 50%"


def test_a_suppressed_cell_is_a_word(year_releases: Make) -> None:
    doc = compose(year_releases(), "en")
    rows = {row.head: row.cells for row in doc.figures["destination"].rows}
    assert rows["Iran"] == ("suppressed", "suppressed")
    assert doc.figures["destination"].protection[0].startswith("“Suppressed” replaces a number")
    assert {row.head: row.cells for row in compose(year_releases(name="two"), "ru").figures["destination"].rows}[
        "Иран"
    ] == (
        "скрыто",
        "скрыто",
    )


def test_a_rounded_cell_says_about(year_releases: Make) -> None:
    doc = compose(year_releases(), "en")
    assert (
        doc.figures["sex"].heading == "Men: about 980\u00a0people (about 52%); women: about 910\u00a0people (about 48%)"
    )


def test_the_largest_is_named_only_when_no_suppressed_cell_could_exceed_it(year_releases: Make) -> None:
    doc = compose(year_releases(changes={"origin": {("KZ",): None, ("UZ",): None}}), "en")
    assert doc.figures["origin"].heading == "Countries of origin"


def test_a_missing_table_says_that_it_is_not_published(year_releases: Make) -> None:
    doc = compose(year_releases(leave_out=("age_band", "corridor")), "en")
    assert not doc.figures["age"].published
    assert doc.figures["corridors"].missing == "This part is not published in the releases of 2025."
    assert "eighteen" not in report_text(doc)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_a_report_names_the_tables_that_the_releases_do_not_hold(year_releases: Make, lang: str) -> None:
    doc = compose(year_releases(leave_out=("age_band", "corridor")), lang)
    assert any("age_band, corridor" in text for text in doc.method)
    assert not any("corridor" in text for text in compose(year_releases(name="whole"), lang).method)


def test_a_report_names_the_tables_whose_suppressed_numbers_a_sentence_needs(year_releases: Make) -> None:
    """Each sentence is printed, or the figure, the method and the press release say that one is left out."""
    whole = compose(year_releases(), "en")
    named = {name for text in whole.omissions for name in text.partition(": ")[2].rstrip(".").split(", ")}
    assert "exploitation" not in named
    changes: dict[str, dict[tuple[str, ...], None]] = {
        "exploitation": {("labour",): None, ("sexual",): None},
        "state_citizenship": {("KZ",): None, ("UZ",): None},
    }
    doc = compose(year_releases(name="two", created="2025-08-01", changes=changes), "en")
    assert "A sentence about this figure is left out: the published numbers do not prove it." in (
        doc.figures["exploitation"].protection
    )
    [text] = [
        text
        for text in doc.method
        if text.startswith("Sentences that the published numbers do not prove are left out.")
    ]
    assert "exploitation" in text
    assert compose_press_release(doc).omitted == "Sentences that the published numbers do not prove are left out."


def test_a_sentence_that_does_not_apply_is_not_omitted() -> None:
    facts = {"n": CountFact(5), "if_shift": None, "gone": None}
    prose = Prose(get_localiser("en"), CellIndex({}))
    assert not prose.omits("{n} people.", facts)
    assert not prose.omits("{if_shift}Now {gone}.", facts)
    assert prose.omits("{n} people, {gone} of them.", facts)


def test_the_handover_to_the_state_is_stated_only_when_the_table_shows_it(year_releases: Make) -> None:
    handed = compose(year_releases(), "en").figures["payers"]
    assert handed.heading == "IOM paid for most services up to 2020, the state since 2021"
    assert handed.heading.claim == Claim("crossed", "payer_by_year", ("2020/iom", "2021/state"), "payer_by_year/*/_T")
    flat = {("2025", "state"): 40, ("2025", "iom"): 400, ("2025", "_T"): 465}
    figure = compose(year_releases(name="flat", created="2025-08-01", changes={"payer_by_year": flat}), "en").figures[
        "payers"
    ]
    assert figure.heading == "In 2025 the state paid for 9% of services"
    assert figure.sentences == ("In 2025 the state paid for 9% of services.",)


def test_the_two_cohorts_are_never_added(year_releases: Make) -> None:
    assert "2,865" not in report_text(compose(year_releases(), "en"))


def test_the_group_of_small_categories_comes_last_and_is_never_the_largest(year_releases: Make) -> None:
    doc = compose(year_releases(changes={"origin": {("_O",): 600, ("KG",): None}}), "ru")
    rows = [row.head for row in doc.figures["origin"].rows]
    assert rows[-2:] == ["Остальные вместе", "Всего"]
    assert any("вместе" in note for note in doc.figures["origin"].protection)
    assert "Остальные" not in doc.figures["origin"].heading


def test_a_parent_code_in_a_child_list_has_its_label() -> None:
    assert get_localiser("en").label("age_band", "adult") == get_localiser("en").label("age_group", "adult")
    assert get_localiser("en").label("country", "no such code") == "no such code"


def test_with_every_year_suppressed_only_the_total_is_given(year_releases: Make) -> None:
    suppressed = {(str(year),): None for year in range(2021, 2026)}
    figure = compose(year_releases(changes={"campaigns_by_year": suppressed}), "en").figures["campaigns"]
    assert figure.heading == "73\u00a0campaigns from 2021 to 2025"
    assert [row.cells for row in figure.rows] == [("73",)]
    assert figure.drawing is None
