"""Layouts of other publishers: a planted disclosure is not safe, its twin by one person is.

All figures are invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.reading.options import ReadingOptions

SAFE, DISCLOSED, UNDECIDED = "safe", "disclosed", "undecided"


def assess(folder: Path, files: Mapping[str, str], **options: Any) -> AttackReport:
    """Return the report on some CSV files."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return assess_files(folder, [], 10, ReadingOptions(**options))


def outcome(report: AttackReport) -> str:
    """Return whether a report is safe, names a disclosure, or leaves figures undecided."""
    return SAFE if report.safe else DISCLOSED if report.disclosures else UNDECIDED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("nine", UNDECIDED), ("IX", UNDECIDED), ("4 0", UNDECIDED), ("1'009", SAFE), ("1\u202f009", SAFE)),
        *(("90", SAFE), ("9", DISCLOSED), ("c", SAFE)),
    ],
)
def test_words_and_spaced_digits_are_undecided_and_named(tmp_path: Path, text: str, expected: str) -> None:
    crosstab = assess(tmp_path, {"t.csv": f"region,Men,Women\nA,40,20\nB,50,60\nC,{text},30\n"})
    assert outcome(crosstab) == expected
    long = assess(tmp_path, {"t.csv": f"region,count\nA,40\nB,50\nC,{text}\n"})
    assert outcome(long) == expected
    if expected == UNDECIDED:
        assert f"undecided: column Men, row 4 ({text}) of table t" in crosstab.notes
        assert f"undecided: column count, row 4 ({text}) of table t" in long.notes


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("aged under 18", "aged 18 and over"), ("aged under 20", "aged 20 and over")),
        (("Children", "Adults"), ("less than 20 years", "over 19")),
        (("18 жасқа дейін", "18 жас және одан жоғары"), ("до 20 лет", "20 лет и старше")),
    ],
)
def test_bands_in_any_words_are_cut_into_common_pieces(
    tmp_path: Path, first: tuple[str, str], second: tuple[str, str]
) -> None:
    for young, expected in ((109, DISCLOSED), (110, SAFE)):
        one = f"age,count\n{first[0]},100\n{first[1]},200\n"
        other = f"age,count\n{second[0]},{young}\n{second[1]},{300 - young}\n"
        assert outcome(assess(tmp_path, {"a.csv": one, "b.csv": other})) == expected


def test_ages_of_two_names_are_read_as_one_variable_too(tmp_path: Path) -> None:
    for young, expected in ((109, DISCLOSED), (110, SAFE)):
        one = "age,count\n0-17,100\n18+,200\n"
        other = f"Age at detection,count\n0-19,{young}\n20+,{300 - young}\n"
        assert outcome(assess(tmp_path, {"a.csv": one, "b.csv": other})) == expected


def test_ages_in_an_unknown_language_are_undecided(tmp_path: Path) -> None:
    one, other = (f"age,count\nalle {n} Jahre alt,{100 + n}\nandere,200\n" for n in (18, 20))
    assert outcome(assess(tmp_path, {"a.csv": one})) == SAFE
    assert outcome(assess(tmp_path, {"a.csv": one, "b.csv": other})) == UNDECIDED


def test_a_label_of_ages_that_is_no_band_is_undecided_beside_other_labels(tmp_path: Path) -> None:
    one, other = "age,count\nlevel 1,100\nlevel 2,200\n", "age,count\n0-17,110\n18+,190\n"
    assert outcome(assess(tmp_path, {"a.csv": one})) == SAFE
    report = assess(tmp_path, {"a.csv": one, "b.csv": other})
    assert "undecided: column age (level 1) of table a" in report.notes


def by_two_names(first: str, second: str, men: int, codes: tuple[str, str] = ("Akmola", "Almaty")) -> dict[str, str]:
    """Return a table by one column, and one by another column and sex with `men` in the first row."""
    one, other = codes
    return {
        "a.csv": f"{first},count\n{one},100\n{other},200\nTotal,300\n",
        "b.csv": f"{second},sex,count\n{one},M,{men}\n{other},M,100\nTotal,M,{men + 100}\nTotal,F,{200 - men}\n"
        "Total,Total,300\n",
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(("region", "oblast"), ("Регион", "Область"), ("region", "Region of detection"), ("area", "өңір")),
        *(("citizenship", "nationality"), ("form", "type"), ("outcome", "result of case")),
    ],
)
def test_one_variable_under_two_names_is_read_as_one_too(tmp_path: Path, first: str, second: str) -> None:
    assert outcome(assess(tmp_path, by_two_names(first, second, 91))) == DISCLOSED
    assert outcome(assess(tmp_path, by_two_names(first, second, 90))) == SAFE


def test_years_under_two_names_are_read_as_one_variable_too(tmp_path: Path) -> None:
    for men, expected in ((91, DISCLOSED), (90, SAFE)):
        files = by_two_names("year", "registered in", men, ("2024", "2025"))
        assert outcome(assess(tmp_path, files)) == expected


@pytest.mark.parametrize("answers", [("yes", "no"), ("да", "нет"), ("иә", "жоқ"), ("1", "0"), ("Y", "N")])
def test_a_question_under_two_names_is_read_as_one_too(tmp_path: Path, answers: tuple[str, str]) -> None:
    for men, expected in ((91, DISCLOSED), (90, SAFE)):
        assert outcome(assess(tmp_path, by_two_names("minor", "child", men, answers))) == expected


@pytest.mark.parametrize(
    "title", ["Cumulative number of victims since 2003", "Нарастающим итогом с 2003 года", "2003 жылдан бері барлығы"]
)
def test_a_title_says_that_years_count_a_whole_register(tmp_path: Path, title: str) -> None:
    for year, expected in ((109, DISCLOSED), (110, SAFE)):
        text = f"{title},,\nRegion,2024,2025\nNorth,100,{year}\nSouth,200,260\n"
        assert outcome(assess(tmp_path, {"t.csv": text})) == expected


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Region,Men,Women\nNorth,100 (9),60\nSouth,80,30\n", "Men, row 2 (100 (9))"),
        ("Region,Victims (of which minors)\nNorth,100 (40)\nSouth,80 (30)\n", "row 2 (100 (40))"),
        ("Region,Men,Women\nNorth,100,60\nSouth,80,30\nNote: 3 persons in South are girls,,\n", "text Note: 3 persons"),
        ("Region,count\nNorth,100\nSouth,80\nПримечание: из них 3 ребёнка,\n", "text Примечание: из них 3"),
        ("Region,count,note\nNorth,100,\nSouth,80,of them 3 children\n", "text of them 3 children"),
    ],
)
def test_second_numbers_and_notes_with_people_are_undecided(tmp_path: Path, text: str, cell: str) -> None:
    report = assess(tmp_path, {"t.csv": text})
    assert outcome(report) == UNDECIDED
    assert any(cell in note for note in report.notes)


def test_ranks_of_published_figures_say_nothing_more(tmp_path: Path) -> None:
    text = "Region,Rank,Victims\nNorth,1,{}\nSouth,2,{}\nWest,3,90\n"
    assert outcome(assess(tmp_path, {"t.csv": text.format(120, 100)})) == SAFE
    assert outcome(assess(tmp_path, {"t.csv": text.format(120, "c")})) == UNDECIDED


def test_words_alone_above_rows_name_their_parts(tmp_path: Path) -> None:
    for words in ("of which:", "из них:", "оның ішінде:"):
        for women, expected in ((91, DISCLOSED), (90, SAFE)):
            text = f"Group,2024,2025\nTotal,100,200\n{words},,\nwomen,{women},120\nchildren,40,90\n"
            assert outcome(assess(tmp_path, {"t.csv": text})) == expected


def test_people_with_and_without_some_of_them_are_a_whole_and_a_part(tmp_path: Path) -> None:
    for others, expected in ((91, DISCLOSED), (90, SAFE)):
        text = f"Region,Victims including children,Victims without children\nNorth,100,{others}\nSouth,80,40\n"
        assert outcome(assess(tmp_path, {"t.csv": text})) == expected


@pytest.mark.parametrize("labels", ["3 months,6 months,9 months,12 months", "Jan–Mar,Jan–Jun,Jan–Sep,Jan–Dec"])
def test_cumulative_quarters_are_nested(tmp_path: Path, labels: str) -> None:
    for june, expected in ((109, DISCLOSED), (110, SAFE)):
        text = f"Region,{labels}\nNorth,100,{june},150,180\nSouth,200,260,300,400\n"
        assert outcome(assess(tmp_path, {"t.csv": text})) == expected


@pytest.mark.parametrize("labels", ["Initial,Revised", "Предварительно,Уточнено"])
def test_two_versions_of_a_figure_are_a_register_at_two_dates(tmp_path: Path, labels: str) -> None:
    for revised, expected in ((109, DISCLOSED), (110, SAFE)):
        text = f"Region,{labels}\nNorth,100,{revised}\nSouth,200,260\n"
        assert outcome(assess(tmp_path, {"t.csv": text})) == expected


def test_a_suppressed_flow_between_two_stocks_is_undecided(tmp_path: Path) -> None:
    text = "Region,At start,Arrived,Left,At end\nNorth,100,{},40,69\nSouth,200,50,60,190\n"
    assert outcome(assess(tmp_path, {"t.csv": text.format("c")})) == UNDECIDED
    assert outcome(assess(tmp_path, {"t.csv": text.format(19)})) == SAFE


@pytest.mark.parametrize("names", [("victims_6m_2025", "victims_2025"), ("1st half of 2025", "2025")])
def test_a_part_of_a_year_in_the_name_of_a_file_is_read(tmp_path: Path, names: tuple[str, str]) -> None:
    for year, expected in ((109, DISCLOSED), (110, SAFE)):
        files = {
            name: f"Region,count\nNorth,{north}\nSouth,200\n" for name, north in zip(names, (100, year), strict=True)
        }
        assert outcome(assess(tmp_path, {f"{name}.csv": text for name, text in files.items()})) == expected


def test_titles_of_sheets_without_a_year_are_parts_of_one_year(tmp_path: Path) -> None:
    for year, expected in ((109, DISCLOSED), (110, SAFE)):
        book = Workbook()
        book.remove(book.active)
        for title, north in (("H1", 100), ("Year", year)):
            sheet = book.create_sheet(title)
            for row in (("Region", "count"), ("North", north), ("South", 200)):
                sheet.append(row)
        book.save(tmp_path / "t.xlsx")
        assert outcome(assess(tmp_path, {})) == expected


def test_words_above_headings_name_their_parts(tmp_path: Path) -> None:
    for words in ("of whom:", "в том числе:", "оның ішінде:"):
        for women, expected in ((91, DISCLOSED), (90, SAFE)):
            text = f"Region,Total,{words},\n,,women,children\nNorth,100,{women},50\nSouth,200,120,60\n"
            assert outcome(assess(tmp_path, {"t.csv": text})) == expected


def test_a_column_of_units_says_nothing_beside_labels_of_one_unit_each(tmp_path: Path) -> None:
    for women, expected in ((91, DISCLOSED), (90, SAFE)):
        rows = f"Victims,persons,100,200\nof which women,persons,{women},150\nCriminal cases,cases,40,50\n"
        assert outcome(assess(tmp_path, {"t.csv": f"Indicator,Unit,2024,2025\n{rows}"})) == expected


def test_answers_in_other_words_are_the_same(tmp_path: Path) -> None:
    for men, expected in ((91, DISCLOSED), (90, SAFE)):
        one, other = by_two_names("minor", "child", men, ("yes", "no")).values()
        files = {"a.csv": one, "b.csv": other.replace("yes", "Да").replace("no", "Нет")}
        assert outcome(assess(tmp_path, files)) == expected


def test_two_questions_whose_figures_differ_are_two_variables(tmp_path: Path) -> None:
    one = "assisted,count\nyes,180\nno,120\n"
    other = "returned,sex,count\nyes,M,91\nyes,F,c\nno,M,100\nno,F,c\nyes,Total,100\nno,Total,200\n"
    assert outcome(assess(tmp_path, {"a.csv": one, "b.csv": other})) == DISCLOSED  # by the second table alone
    assert outcome(assess(tmp_path, {"a.csv": one, "b.csv": other.replace("91", "50")})) == SAFE


@pytest.mark.parametrize(
    ("parts", "groups"),
    [
        (("Total", "of which women", "of which children"), ("female", "male", "18+")),
        (("Всего", "из них женщин", "из них детей"), ("женский", "мужской", "18+")),
        (("Барлығы", "оның ішінде әйелдер", "оның ішінде балалар"), ("әйел", "ер", "18+")),
    ],
)
def test_parts_of_two_kinds_can_overlap_and_are_tied_to_other_tables(
    tmp_path: Path, parts: tuple[str, str, str], groups: tuple[str, str, str]
) -> None:
    women, men, adults = groups
    one = f"region,{','.join(parts)}\nA,100,60,45\nB,300,150,90\n"
    for adult_women, expected in ((46, DISCLOSED), (45, SAFE)):
        rows = [f"A,{women},{adults},{adult_women}", f"A,{women},0-17,c", f"A,{men},{adults},c", f"A,{men},0-17,c"]
        rows += [row.replace("A,", "B,").replace(str(adult_women), "100") for row in rows]
        files = {"a.csv": one, "b.csv": "\n".join(["region,sex,age,count", *rows]) + "\n"}
        assert outcome(assess(tmp_path, files)) == expected


@pytest.mark.parametrize(
    ("first", "last"),
    [
        *(("At 1 January", "At 31 December"), ("На начало года", "На конец года"), ("1 қаңтарға", "31 желтоқсанға")),
        *(("На 01.01", "На 31.12"), ("1 Jan", "31 Dec")),
    ],
)
def test_stocks_at_two_dates_are_registers(tmp_path: Path, first: str, last: str) -> None:
    for one, two, other, expected in ((100, 109, 240, DISCLOSED), (100, 110, 240, SAFE), (109, 100, 150, DISCLOSED)):
        text = f"Region,{first},{last}\nNorth,{one},{two}\nSouth,200,{other}\n"
        assert outcome(assess(tmp_path, {"t.csv": text})) == expected


def test_columns_with_the_same_values_are_two_variables_if_their_figures_differ(tmp_path: Path) -> None:
    files = {
        "a.csv": "citizenship,count\nUzbekistan,104\nKyrgyzstan,196\nTotal,300\n",
        "b.csv": "country of exploitation,sex,count\nUzbekistan,M,95\nKyrgyzstan,M,100\nUzbekistan,Total,150\n"
        "Kyrgyzstan,Total,150\nTotal,M,195\nTotal,Total,300\n",
    }
    report = assess(tmp_path, files)
    assert outcome(report) == SAFE
    assert not [note for note in report.notes if "one variable" in note]


def test_many_columns_with_the_same_values_stay_decided_if_their_figures_differ(tmp_path: Path) -> None:
    def table(name: str, low: int) -> str:
        return f"{name},count\nlow,{low}\nhigh,{300 - low}\nTotal,300\n"

    names = ("risk", "need", "cost", "harm", "trust")  # ten pairs
    assert outcome(assess(tmp_path, {f"{n}.csv": table(n, 100 + 10 * i) for i, n in enumerate(names)})) == SAFE
    report = assess(tmp_path, {f"{n}.csv": table(n, 100) for n in names})
    assert outcome(report) == UNDECIDED
    assert any(note.startswith("undecided: too many readings are possible. Columns") for note in report.notes)


def test_columns_of_one_table_are_two_variables(tmp_path: Path) -> None:
    files = by_two_names("citizenship", "born in", 91) | {
        "c.csv": "citizenship,born in,count\nAkmola,Akmola,70\nAkmola,Almaty,30\nAlmaty,Akmola,40\nAlmaty,Almaty,160\n"
    }
    assert outcome(assess(tmp_path, files)) == SAFE


@pytest.mark.parametrize(
    ("total", "place"),
    [("Kazakhstan", 0), ("Kazakhstan", 1), ("Қазақстан Республикасы", 3), ("Landet", 0), ("Landet", 3)],
)
def test_a_total_without_its_label_is_found_among_suppressed_figures(tmp_path: Path, total: str, place: int) -> None:
    for men, expected in ((89, DISCLOSED), (90, SAFE)):
        rows = ["Akmola,c,20", "Almaty,50,c", "Atyrau,30,40"]
        rows.insert(place, f"{total},{men},110")
        report = assess(tmp_path, {"t.csv": "\n".join(["region,Men,Women", *rows]) + "\n"})
        assert outcome(report) == expected
        assert any(f"the value {total} can be the total or one more group" in note for note in report.notes)


def test_a_large_group_is_no_total_if_the_sum_of_another_table_says_so(tmp_path: Path) -> None:
    regions = "area,Men,Women\nUpper,c,20\nLower,50,c\nCoast,59,69\n"
    assert outcome(assess(tmp_path, {"t.csv": regions})) == DISCLOSED
    others = {"u.csv": "age,Men,Women\n0-17,60,60\n18+,80,90\nTotal,140,150\n"}
    assert outcome(assess(tmp_path, {"t.csv": regions.replace("Coast,59,69", "Coast,59,69\nTotal,140,150")})) == SAFE
    assert outcome(assess(tmp_path, {"t.csv": regions} | others)) == SAFE


def test_one_column_of_figures_has_its_total_first_only_if_it_names_a_country(tmp_path: Path) -> None:
    text = "region,count\nRepublic of Kazakhstan,99\nAkmola,50\nAlmaty,c\nAtyrau,40\n"
    assert outcome(assess(tmp_path, {"t.csv": text})) == DISCLOSED
    assert outcome(assess(tmp_path, {"t.csv": text.replace("99", "100")})) == SAFE
    assert outcome(assess(tmp_path, {"t.csv": text.replace("Republic of Kazakhstan", "Astana")})) == SAFE


def test_countries_are_groups_of_one_kind(tmp_path: Path) -> None:
    text = "country,Men,Women\nMali,c,20\nTogo,50,c\nUzbekistan,59,69\n"
    assert outcome(assess(tmp_path, {"t.csv": text})) == SAFE


@pytest.mark.parametrize(
    ("values", "total", "expected"),
    [
        *(((60, 50), 131, SAFE), ((60, 50), 111, SAFE), ((60, 50), 110, SAFE), ((60, 50), 100, SAFE)),
        *(((30,), 40, SAFE), ((30,), 39, DISCLOSED), ((60, 50), 69, DISCLOSED)),
        *(((60, 50), 101, DISCLOSED), ((60, 50), 109, DISCLOSED)),  # 9 and 1 people have both
    ],
)
def test_values_of_a_multi_valued_column_need_not_reach_the_total(
    tmp_path: Path, values: tuple[int, ...], total: int, expected: str
) -> None:
    rows = [f"{name},{number}" for name, number in zip(("labour", "sexual"), values, strict=False)]
    text = "\n".join(["form,count", *rows, f"Total,{total}"]) + "\n"
    report = assess(tmp_path, {"t.csv": text}, multi=frozenset({"form"}))
    assert outcome(report) == expected
    note = "Column form: its values do not reach their total, so people have other values too, or none."
    assert any(note in line for line in report.notes) == (sum(values) < total)


@pytest.mark.parametrize("code", ["labour/sexual", "labour and sexual", '"Labour, sexual"'])
def test_values_joined_by_another_sign_are_undecided(tmp_path: Path, code: str) -> None:
    text = f"form,count\nlabour,60\nsexual,50\n{code},20\n"
    assert outcome(assess(tmp_path, {"t.csv": text})) == SAFE
    report = assess(tmp_path, {"t.csv": text}, multi=frozenset({"form"}))
    code_read = code.strip('"')
    assert f"undecided: column form ({code_read}) of table t" in report.notes


def test_people_of_whom_nothing_is_stated_have_no_second_value(tmp_path: Path) -> None:
    text = "form,count\nlabour,60\nsexual,50\nNot stated,12\nTotal,112\n"
    assert outcome(assess(tmp_path, {"t.csv": text}, multi=frozenset({"form"}))) == SAFE
    three = text.replace("Not stated,12", "begging,12").replace("112", "113")
    (finding,) = assess(tmp_path, {"t.csv": three}, multi=frozenset({"form"})).disclosures[:1]
    assert " and " in finding.cell["form"]


@pytest.mark.parametrize("label", ["MALI", "Mali¹", "Mali*", "mali (1)", " Mali [note 2]"])
def test_case_and_marks_of_notes_make_no_value_of_their_own(tmp_path: Path, label: str) -> None:
    for men, expected in ((91, DISCLOSED), (90, SAFE)):
        files = by_two_names("country", "country", men, ("Mali", "Togo"))
        files["b.csv"] = files["b.csv"].replace("Mali", label)
        report = assess(tmp_path, files)
        assert outcome(report) == expected
        assert any(f"Column country: {label.strip()} is read as Mali." in note for note in report.notes)


def test_numbers_in_brackets_stay_where_no_label_is_without_them(tmp_path: Path) -> None:
    files = {
        "a.csv": "zone,count\nZone (1),100\nZone (2),200\nTotal,300\n",
        "b.csv": "zone,sex,count\nZone (1),M,60\nZone (2),M,100\nZone (1),F,40\nZone (2),F,100\n",
    }
    report = assess(tmp_path, files)
    assert outcome(report) == SAFE
    assert not [note for note in report.notes if "is read as" in note]


@pytest.mark.parametrize(("women", "expected"), [(46, DISCLOSED), (40, SAFE)])
def test_sheets_with_a_year_and_its_half_are_nested(tmp_path: Path, women: int, expected: str) -> None:
    book = Workbook()
    for title, men, of_women in (("2025", 80, 55), ("2025-H1", 40, women)):
        page = book.create_sheet(title)
        for row in (("Sex", "Count"), ("Men", men), ("Women", of_women)):
            page.append(row)
    book.save(tmp_path / "t.xlsx")
    assert outcome(assess(tmp_path, {})) == expected


@pytest.mark.parametrize(("both", "expected"), [(9, DISCLOSED), (11, SAFE)])
def test_both_is_a_group_unless_it_stands_beside_two_sexes(tmp_path: Path, both: int, expected: str) -> None:
    parents = f"parent,count\nmother,60\nfather,41\nboth,{both}\nTotal,{101 + both}\n"
    assert outcome(assess(tmp_path, {"t.csv": parents})) == expected
    sexes = f"sex,region,count\nmen,A,60\nwomen,A,c\nboth,A,{60 + both}\n"
    assert outcome(assess(tmp_path, {"t.csv": sexes})) == expected


def test_a_column_that_is_not_sensitive_and_in_no_table_gives_a_note(tmp_path: Path) -> None:
    report = assess(tmp_path, {"t.csv": "region,count\nA,40\nB,50\n"}, not_sensitive=frozenset({"outcome"}))
    assert outcome(report) == SAFE
    assert "--not-sensitive: no table has the column outcome" in report.notes
