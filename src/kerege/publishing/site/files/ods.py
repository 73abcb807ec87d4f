"""OpenDocument spreadsheet by the rules of the UK Analysis Function.

There is a cover, a sheet of notes and one sheet with one table. The title is in A1, a sentence on the table in A2, and
no cell is merged or empty. A withheld value is a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from kerege.base.still_archive import pack
from kerege.publishing.site.files.figure_file import LICENCE_NAME, FigureFile, Line, clean, number_text
from kerege.publishing.site.files.file_words import get_words

KIND = "application/vnd.oasis.opendocument.spreadsheet"
Cell = str | float | None
SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("fo", "xsl-fo-compatible"),
        ("meta", "meta"),
        ("manifest", "manifest"),
    )
)
NAMESPACES = f'{SPACES} xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
WIDTHS = {"wide": "16cm", "label": "6cm", "plain": "3cm"}
STYLES = "".join(
    f'<style:style style:name="{name}" style:family="table-column">'
    f'<style:table-column-properties style:column-width="{width}"/></style:style>'
    for name, width in WIDTHS.items()
) + "".join(
    f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="Default">'
    f'<style:table-cell-properties fo:wrap-option="wrap"/><style:text-properties {font}/></style:style>'
    for name, font in (
        ("title", 'fo:font-weight="bold" fo:font-size="16pt"'),
        ("head", 'fo:font-weight="bold"'),
        ("text", 'fo:font-size="12pt"'),
    )
)


def write(figure: FigureFile) -> bytes:
    """Return the file."""
    members = {
        "mimetype": KIND,
        "META-INF/manifest.xml": _manifest(),
        "content.xml": _content(figure),
        "meta.xml": _meta(figure),
        "styles.xml": _styles(figure.lang),
    }
    return pack([(name, text.encode()) for name, text in members.items()], stored=frozenset({"mimetype"}))


def _content(figure: FigureFile) -> str:
    words = get_words(figure.lang)["ods"]
    sheets = [
        _sheet(words["cover"], _lines(figure.title, _cover(figure)), ["wide"]),
        _sheet(words["notes"], _lines(words["notes_title"], _notes(figure)), ["wide"]),
        _table(figure),
    ]
    reach = f"$'{words['table']}'.$A$3:.${_letter(len(_heads(figure)) - 1)}${len(figure.lines) + 3}"
    ranges = (
        f"<table:database-ranges><table:database-range table:name={quoteattr(_range_name(figure))} "
        f"table:target-range-address={quoteattr(reach)}/></table:database-ranges>"
    )
    return (
        f'{HEAD}<office:document-content {NAMESPACES} office:version="1.3">'
        f"<office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(sheets)}{ranges}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )


def _range_name(figure: FigureFile) -> str:
    return figure.id.replace("-", "_")


def _letter(index: int) -> str:
    """Return the letter of one of the first 26 columns."""
    return chr(ord("A") + index)


def _lines(title: str, texts: Sequence[str]) -> list[tuple[str, list[Cell]]]:
    rows: list[tuple[str, list[Cell]]] = [("title", [title])]
    rows += [("text", [text]) for text in texts if text]
    return rows


def _cover(figure: FigureFile) -> list[str]:
    words = get_words(figure.lang)
    cover = words["ods"]
    day = words.day(figure.day) if figure.day else ""
    return [
        words["marks"]["invented"] if figure.invented else "",
        figure.finding,
        figure.scope,
        f"{cover['published']} {day}" if day else "",
        f"{cover['publisher']} {figure.publisher}",
        f"{cover['page']} {figure.address}",
        f"{cover['contact']} {figure.contact}" if figure.contact else "",
        f"{cover['licence']} {LICENCE_NAME}",
        cover["sheets"],
    ]


def _notes(figure: FigureFile) -> list[str]:
    words = get_words(figure.lang)
    statuses = dict.fromkeys(line.status for line in figure.lines)
    meanings = [f"{words.status(status)}: {words['meaning'][status]}" for status in statuses]
    releases = [
        f"{release.title}, {words.day(release.day)}, {release.address}, SHA-256 {release.digest}"
        for release in figure.releases
    ]
    return [figure.level, *figure.notes, *meanings, *releases]


def _heads(figure: FigureFile) -> list[str]:
    words = get_words(figure.lang)["columns"]
    dimensions = [dimension.label for dimension in figure.dimensions]
    names = ["value", "lower", "upper", "status", "unit", "release"]
    return [words["period"], *dimensions, *(words[name] for name in names)]


def _table(figure: FigureFile) -> str:
    words = get_words(figure.lang)["ods"]
    about = words["about_estimate"] if figure.kind == "estimated" else words["about"]
    rows: list[tuple[str, list[Cell]]] = [("title", [figure.title]), ("text", [about]), ("head", list(_heads(figure)))]
    rows += [("text", _cells(figure, line)) for line in figure.lines]
    widths = ["plain", *["label"] * len(figure.dimensions), *["plain"] * 6]
    return _sheet(words["table"], rows, widths)


def _cells(figure: FigureFile, line: Line) -> list[Cell]:
    words = get_words(figure.lang).status(line.status)
    numbers = [words if number is None else number for number in (line.value, line.lower, line.upper)]
    return [line.period, *line.labels, *numbers, words, figure.unit, line.release]


def _sheet(name: str, rows: Sequence[tuple[str, Sequence[Cell]]], widths: Sequence[str]) -> str:
    columns = "".join(f'<table:table-column table:style-name="{width}"/>' for width in widths)
    body = "".join(
        f"<table:table-row>{''.join(_cell(cell, style) for cell in row)}</table:table-row>" for style, row in rows
    )
    return f"<table:table table:name={quoteattr(name)}>{columns}{body}</table:table>"


def _cell(value: Cell, style: str) -> str:
    if isinstance(value, (int, float)):
        text = number_text(value)
        kind = f'office:value-type="float" office:value="{text}"'
    else:
        text, kind = clean(value or ""), 'office:value-type="string"'
    return f'<table:table-cell table:style-name="{style}" {kind}><text:p>{escape(text)}</text:p></table:table-cell>'


def _manifest() -> str:
    entries = [("/", KIND), *((name, "text/xml") for name in ("content.xml", "meta.xml", "styles.xml"))]
    lines = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>' for path, kind in entries
    )
    return f'{HEAD}<manifest:manifest {SPACES} manifest:version="1.3">{lines}</manifest:manifest>'


def _meta(figure: FigureFile) -> str:
    stamp = f"<dc:date>{figure.day.isoformat()}T00:00:00</dc:date>" if figure.day else ""
    return (
        f'{HEAD}<office:document-meta {NAMESPACES} office:version="1.3"><office:meta>'
        f"<meta:generator>Kerege</meta:generator><dc:title>{escape(clean(figure.title))}</dc:title>"
        f"<dc:description>{escape(clean(figure.scope))}</dc:description>"
        f"<dc:creator>{escape(clean(figure.publisher))}</dc:creator>{stamp}<dc:language>{figure.lang}</dc:language>"
        "</office:meta></office:document-meta>"
    )


def _styles(lang: str) -> str:
    return (
        f'{HEAD}<office:document-styles {NAMESPACES} office:version="1.3"><office:styles>'
        '<style:style style:name="Default" style:family="table-cell"><style:text-properties '
        f'fo:font-family="Arial" fo:font-size="12pt" fo:language="{lang}"/></style:style>'
        "</office:styles></office:document-styles>"
    )
