"""Written report folder: complete, accessible, without external hosts, every number traceable."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docx import Document as Word
from pypdf import PdfReader

from kerege.publishing.report.chapters import CHAPTERS
from kerege.publishing.report.formats.article_check import NUMBER, parse_number
from kerege.publishing.report.write_folder import write
from kerege.publishing.storage import release_files
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary import codes, profile, reference_figures
from tests.publishing import made

OFFENCES = ("kz128", "kz308", "kz134", "kz135", "kz309")
UNCONFIRMED = {
    "kk": "нөмірін заңгер растаған жоқ",
    "ru": "номер не подтверждён юристом",
    "en": "number not confirmed by a lawyer",
}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the report in three languages, written once."""
    house = tmp_path_factory.mktemp("house")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEREGE_HOME", str(house))
        made.make(house)
        write(YearReleases(2025, release_files.releases_of_year(2025)), ("kk", "ru", "en"), house / "out")
        yield house / "out"


class VisibleText(HTMLParser):
    """Parser of the visible text of a page, without pictures, hashes and queries."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"svg", "code", "small", "style"}:
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in {"svg", "code", "small", "style"}:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.words.append(data)


def visible_text(page: Path) -> str:
    """Return the visible text of a page."""
    parser = VisibleText()
    parser.feed(page.read_text(encoding="utf-8"))
    return " | ".join(parser.words)  # the separator keeps adjacent cells from reading as one number


def allowed_numbers() -> set[str]:
    """Return every number that the report may show: cells, derived numbers, dates, cited figures."""
    tables = made.tables()
    numbers: set[float] = {2025, 29, 1, 10, 9}  # the year, two days of dates, the threshold and the threshold less one
    for _, _, _, cells in tables.values():
        counts = [cell[0] if isinstance(cell, tuple) else cell for cell in cells.values() if cell is not None]
        numbers |= {float(n) for n in counts}
        numbers |= {round(100 * n / top, digits) for n in counts for top in counts if top for digits in (0, 1, 2)}
        numbers |= {float(part) for keys in cells for key in keys for part in re.findall(r"\d+", key)}
    numbers |= {688.0, 36.4, 4.0}  # sum of three age bands, its share, number of merged suppressed bars
    published = [cell for name, table in tables.items() if name != "assisted" for cell in table[3].values()]
    numbers |= {float(len(published)), float(published.count(None))}
    country = profile.active()
    cited = [*(phone.number for phone in (country.hotline, *country.phones)), str(list(reference_figures.context()))]
    cited += [text for claim in reference_figures.claims() for text in claim.texts.values()]
    cited += [codes.label("offence", code, lang) for code in OFFENCES for lang in ("kk", "ru", "en")]
    for text in cited:
        numbers |= {float(parse_number(match[1])) for match in NUMBER.finditer(text)}
        numbers |= {float(number) for number in re.findall(r"\d+", text)}
    return {f"{number:g}" for number in numbers}


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
@pytest.mark.parametrize("page", ["index.html", "all.html", "article.html", "press-release.html"])
def test_every_number_is_published_or_cited(out: Path, lang: str, page: str) -> None:
    numbers = {f"{float(parse_number(match[1])):g}" for match in NUMBER.finditer(visible_text(out / lang / page))}
    assert numbers - allowed_numbers() == set()


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_language_has_every_file(out: Path, lang: str) -> None:
    names = {path.name for path in (out / lang).iterdir()}
    assert names == {
        *(f"{chapter}.html" for chapter, _ in CHAPTERS),
        "index.html",
        "all.html",
        "article.html",
        "press-release.html",
        "press-release.docx",
        "report.pdf",
        "charts",
        "data",
    }
    assert len(list((out / lang / "charts").glob("*.svg"))) == 20
    assert (out / "index.html").is_file()


def test_downloads_are_the_signed_bytes_and_their_names_say_invented(out: Path) -> None:
    table = (out / "en" / "data" / "origin.invented-data.csv").read_bytes()
    assert table == made.to_csv(["origin"], made.tables()["origin"][3])
    assert all("invented-data" in path.name for path in (out / "en" / "data").iterdir())


def test_every_figure_has_an_alternative_text_and_a_table(out: Path) -> None:
    page = (out / "ru" / "all.html").read_text(encoding="utf-8")
    figures = page.split("<figure ")[1:]
    assert len(figures) == 20
    for figure in figures:
        assert figure.count('role="img"') == 2
        assert len(re.findall(r"<desc[^>]*>[^<]{10,}</desc>", figure)) == 2
        assert "<table>" in figure
        assert '<th scope="row">' in figure
        assert "Единица:" in figure
        assert "Источник:" in figure


def test_every_picture_says_that_its_data_are_invented(out: Path) -> None:
    for lang, words_ in (("kk", "Ойдан шығарылған"), ("ru", "Вымышленные данные"), ("en", "Invented data")):
        for path in (out / lang / "charts").glob("*.svg"):
            tree = ElementTree.parse(path)
            texts = "".join(element.text or "" for element in tree.iter(f"{SVG}text"))
            assert words_ in texts, path.name
            assert tree.getroot().get("role") == "img"
    assert "pairs are simulated" in (out / "en" / "charts" / "corridors.svg").read_text(encoding="utf-8")


def test_nothing_but_the_quick_exit_refers_to_an_external_host(out: Path) -> None:
    for path in out.rglob("*"):
        if path.suffix in {".html", ".css", ".svg"}:
            text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
            if path.suffix == ".html" and path.parent != out:
                exit_link = (
                    f'class="kr-exit" rel="nofollow noreferrer" href="https://{path.parent.name}.wikipedia.org/"'
                )
                assert exit_link in text
                text = text.replace(exit_link, "")
            assert not re.findall(r"""(?:href|src|url\()=?["'(]?(?:https?:)?//""", text), path
            assert "<script" not in text


def test_ids_are_unique_on_the_page(out: Path) -> None:
    ids = re.findall(r'\bid="([^"]+)"', (out / "en" / "all.html").read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


def test_every_local_link_has_a_target(out: Path) -> None:
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r'(?:href|src)="([^"#:]+)(?:#[^"]*)?"', text):
            assert (page.parent / target).exists(), (page, target)
        for anchor in re.findall(r'href="#([^"]+)"', text):
            assert f'id="{anchor}"' in text, (page, anchor)


@cache
def page_texts(pdf: Path) -> list[str]:
    """Return the text of each page; reading them takes seconds."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf.read_bytes())).pages]


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_pdf_is_tagged_and_says_invented_on_every_page(out: Path, lang: str) -> None:
    reader = PdfReader(io.BytesIO((out / lang / "report.pdf").read_bytes()))
    root = reader.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).startswith(lang)
    marks = {"kk": "Ойдан шығарылған", "ru": "Вымышленные данные", "en": "Invented data"}
    assert all(marks[lang] in text for text in page_texts(out / lang / "report.pdf"))


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_pdf_names_every_telephone_number_of_the_country_with_its_mark(out: Path, lang: str) -> None:
    cover, *others = ("".join(text.split()) for text in page_texts(out / lang / "report.pdf"))
    mark = "".join(UNCONFIRMED[lang].split())
    for phone in profile.active().phones:
        assert f"{''.join(phone.name.in_language(lang).split())}:{phone.number}({mark})" in cover
    assert all(mark in text for text in others)  # beside the number at the foot of each page


def test_the_pdf_embeds_noto_sans_and_keeps_kazakh_letters(out: Path) -> None:
    assert "Өзбекстан" in "".join(page_texts(out / "kk" / "report.pdf"))


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_press_release_opens_in_word_and_names_the_hotline(out: Path, lang: str) -> None:
    word = Word(str(out / lang / "press-release.docx"))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    country = profile.active()
    assert country.hotline.number in text
    assert not country.hotline.confirmed
    assert UNCONFIRMED[lang] in text
    assert word.sections[0].header.paragraphs[0].text
    assert 900 < len(text) < 3300  # one page


def test_a_failed_report_leaves_no_folder(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.make(house)
    monkeypatch.setattr("kerege.publishing.report.formats.pdf.to_pdf", lambda doc: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(YearReleases(2025, release_files.releases_of_year(2025)), ("en",), house / "out")
    assert not (house / "out").exists()
