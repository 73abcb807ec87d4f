"""Check of a document's XML.

It is parsed as an office program does, and refused with active content or outside links.
"""

from __future__ import annotations

import re
from xml.parsers import expat  # nosec B407: a document type, and with it every entity, is refused

from kerege.core.uploads.file_types import RefusedFile

# elements (local names in lower case) that fetch data; elements that run code or embed files
FETCHING = {
    "altchunk", "subdoc", "mailmerge", "connectstring", "sourcefilename", "section-source", "dde-source",
    "dde-connection-decl", "dde-connection", "connection", "webpr", "dbpr", "querytable", "ddelink", "olelink",
    "externalbook", "webimagesrd", "floating-frame", "connection-resource", "cell-range-source", "table-source",
    "savethroughxslt", "foreignobject", "feimage",
}  # fmt: skip
ACTING = {
    "script", "event-listener", "oleobject", "control", "object-ole", "object", "plugin", "applet", "bgsound", "movie",
    "videofile", "audiofile", "wavaudiofile", "quicktimefile", "webextension", "taskpane", "macro", "html", "iframe",
    "embed", "binary-data",
}  # fmt: skip
# namespaces in which these elements only frame an image or a form field; embedded content is refused by its own name
FRAMES = {"object": "/wordprocessingml/", "control": ":opendocument:xmlns:drawing:"}
# relationship types that lead to code, to outside data or to embedded files
UNWELCOME_PARTS = {
    "oleobject", "package", "afchunk", "control", "activexcontrolbinary", "vbaproject", "wordvbadata",
    "attachedtoolbars", "ctrlprop", "externallink", "externallinkpath", "xlexternallinkpath", "connections",
    "querytable", "subdocument", "frame", "mailmergesource", "mailmergeheadersource", "attachedtemplate", "video",
    "audio", "media", "extensibility", "xlmacrosheet", "xlintlmacrosheet", "dialogsheet", "webextension",
    "webextensiontaskpanes", "powerpivotdata",
}  # fmt: skip
UNWELCOME_TYPES = re.compile(
    r"macro|vba|oleobject|activex|html|rtf|javascript|x-ms|msdownload|rfc822|multipart|externallink|connections\+xml|"
    r"querytable|controlproperties|officedocument\.package|application/(?:msword|vnd\.ms-(?:word|excel|powerpoint)$)",
)
# schemes of links that a person follows by clicking
FOLLOWED = {"http", "https", "mailto", "tel", "ftp"}
LINKS = {"a", "shape", "group", "rect", "roundrect", "oval", "line", "polyline", "arc", "curve", "hlink"}
POINTING = {"href", "src", "althref", "image-data", "base"}
SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.I)
OUTSIDE_CSS = re.compile(r"@import|url\(\s*['\"]?\s*(?![#'\"\s])", re.I)
# harmless fields of a text document: they use only this document; all other fields may fetch or run something
SHOWING = """
page numpages sectionpages section toc toa tc ta index xe hyperlink ref pageref noteref seq date time createdate
savedate printdate edittime author title subject keywords comments lastsavedby revnum filename filesize template info
docproperty docvariable styleref formtext formcheckbox formdropdown mergefield mergerec mergeseq next nextif skipif
compare if set quote ask fillin greetingline addressblock numwords numchars username userinitials useraddress symbol
eq listnum autonum autonumlgl autonumout autotext autotextlist advance private shape addin citation bibliography
bidioutline barcode displaybarcode mergebarcode
"""
FIELDS = frozenset(SHOWING.split())
CODE = {"instrtext", "delinstrtext"}
# elements that hold formulas; below: functions that fetch external data. A bar in a formula is Excel's DDE call.
FORMULAS = {
    "f",
    "formula",
    "formula1",
    "formula2",
    "definedname",
    "calculatedcolumnformula",
    "totalsrowformula",
    "oldformula",
}
CALLING = re.compile(
    r"\b(?:webservice|image|rtd|call|register(?:\.id)?|exec|dde|sql\.request|stockhistory|copilot|translate|py|"
    r"importxml|importdata|importhtml|importfeed|importrange)\s*\(",
    re.I,
)
STRINGS, QUOTED = re.compile(r'"[^"]*"'), re.compile(r"'(?:[^']|'')*'")
OTHER_BOOK = re.compile(r"(?<![\w\]])\[[^\[\]]+\][\w.]*!")
MATHS = "/math"
ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii"}
LONGEST = 100_000


def local(name: str) -> str:
    """Return a name without its namespace, in lower case."""
    return name.rpartition(" ")[2].lower()


def space(name: str) -> str:
    """Return the namespace of a name."""
    return name.rpartition(" ")[0]


def leads_outside(target: str) -> bool:
    """Return whether an address leads to another host or file."""
    address = target.strip()
    return bool(SCHEME.match(address)) or address.startswith(("/", "\\", "..")) or "\\\\" in address


def may_be_followed(target: str) -> bool:
    """Return whether an address is a relative or web link that a person can follow safely."""
    address = target.strip()
    scheme = SCHEME.match(address)
    return scheme[1].lower() in FOLLOWED if scheme else not address.startswith(("//", "\\", "/"))


class PackagePart:
    """One XML part of a document, checked while it is parsed."""

    def __init__(self) -> None:
        self.root = ""
        self.space = ""
        self._path: list[str] = []
        # texts of the open formula and style elements, and their total length
        self._texts: list[list[str]] = []
        self._length = 0
        # codes of the open fields; the first entry collects text outside any field
        self._codes: list[list[str]] = [[]]

    def read(self, content: bytes) -> PackagePart:
        """Parse and check the part; raise RefusedFile."""
        if b"\0" in content[:4] or content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise RefusedFile("active")  # no office program writes UTF-16
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._said
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self._refuse
        parser.XmlDeclHandler, parser.ProcessingInstructionHandler = self._declared, self._instructed
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError):
            raise RefusedFile("damaged") from None
        for code in self._codes:
            field("".join(code).replace("\0", " "))
        return self

    # -- handlers of the parser ----------------------------------------------------------------------------------------
    def _refuse(self, *arguments: object) -> None:
        raise RefusedFile("active")

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in ENCODINGS:
            raise RefusedFile("damaged")

    def _instructed(self, target: str, data: str) -> None:
        if target.lower() == "xml-stylesheet":
            raise RefusedFile("linked")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        element = local(name)
        # a list, since a local name can occur twice in two namespaces
        pairs = [(local(key), value) for key, value in attributes.items()]
        if not self._path:
            self.root, self.space = element, space(name)
        self._path.append(element)
        if is_computed(name):
            self._texts.append([])
        self._judge(name, element)
        for key, value in pairs:
            self._judge_attribute(element, key, value)
        if element == "relationship":
            related(pairs)
        elif element == "fldchar":
            self._mark([value.lower() for key, value in pairs if key == "fldchartype"])

    def _judge(self, name: str, element: str) -> None:
        if element in FETCHING:
            raise RefusedFile("linked")
        if element == "encryption-data":
            raise RefusedFile("locked")
        if element in ACTING and FRAMES.get(element, " ") not in space(name):
            raise RefusedFile("active")

    def _judge_attribute(self, element: str, key: str, value: str) -> None:
        if key in POINTING and leads_outside(value) and not (element in LINKS and may_be_followed(value)):
            raise RefusedFile("linked")
        if element == "blip" and key == "link" and value:
            raise RefusedFile("linked")
        if self.root == "svg" and key.startswith("on"):
            raise RefusedFile("active")
        if OUTSIDE_CSS.search(value):
            raise RefusedFile("linked")
        if key == "formula" and CALLING.search(STRINGS.sub("", value)):
            raise RefusedFile("linked")
        if element in {"default", "override"} and key == "contenttype" and UNWELCOME_TYPES.search(value.lower()):
            raise RefusedFile("active")
        if element == "fldsimple" and key == "instr":
            field(value)

    def _end(self, name: str) -> None:
        self._path.pop()
        if not is_computed(name):
            return
        text = "".join(self._texts.pop())
        self._length -= len(text)
        if local(name) != "style":
            computed(text)
        elif OUTSIDE_CSS.search(text):
            raise RefusedFile("linked")

    def _said(self, text: str) -> None:
        if self._path and self._path[-1] in CODE:
            self._codes[-1].append(text)
        if self._texts:
            self._length += len(text)
            if self._length > LONGEST:
                raise RefusedFile("bomb")
            self._texts[-1].append(text)

    def _mark(self, kinds: list[str]) -> None:
        """Track begin and end of fields.

        A nested field becomes a zero character in the code of the outer field.
        """
        for kind in kinds:
            if kind == "begin":
                self._codes[-1].append("\0")
                self._codes.append([])
            elif kind == "end" and len(self._codes) > 1:
                field("".join(self._codes.pop()))


def is_computed(name: str) -> bool:
    """Return whether an element holds a formula or style sheet.

    `f` in the mathematics namespace is a fraction.
    """
    element = local(name)
    return (element in FORMULAS and not space(name).lower().endswith(MATHS)) or element == "style"


def field(code: str) -> None:
    """Raise RefusedFile for a field that is not known as harmless, or whose name another field computes."""
    stripped = code.strip()
    word = re.split(r"[\s\"\\\0]", stripped, maxsplit=1)[0].lower()
    if stripped and not word.startswith("=") and word not in FIELDS:
        raise RefusedFile("linked")


def related(attributes: list[tuple[str, str]]) -> None:
    """Raise RefusedFile for a relationship to active content or outside, except links to follow."""
    kinds = {value.strip().rstrip("/").rpartition("/")[2].lower() for key, value in attributes if key == "type"}
    targets = [value for key, value in attributes if key == "target"]
    followed = kinds == {"hyperlink"} and all(map(may_be_followed, targets))
    if any(key == "targetmode" and value.strip().lower() == "external" for key, value in attributes):
        if not followed:
            raise RefusedFile("linked")
    elif kinds & UNWELCOME_PARTS:
        raise RefusedFile("active")
    elif not followed and any(SCHEME.match(target) or target.strip().startswith(("//", "\\")) for target in targets):
        raise RefusedFile("linked")


def computed(formula: str) -> None:
    """Raise RefusedFile for a formula that calls a program, a server or another workbook."""
    plain = STRINGS.sub('""', formula)
    if CALLING.search(plain) or "|" in QUOTED.sub("''", plain) or OTHER_BOOK.search(plain):
        raise RefusedFile("linked")
    if any("[" in name or SCHEME.match(name[1:]) for name in QUOTED.findall(plain)):
        raise RefusedFile("linked")
