"""Everything that an installation of a country writes: pages, report, exports, mails and commands.

Run `python -m tests.packs.everything_rendered OUT` with the environment of the country and KEREGE_HOME set to an empty
register. Each page, mail and command becomes a file below OUT.
"""

from __future__ import annotations

import contextlib
import html
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

if TYPE_CHECKING:
    from django.test import Client

    from tests.core.urlconf import Page
    from tests.publishing.made import Cell, Keys
    from tests.safety.world import Things

YEAR = 2025
COMMANDS = (
    "doctor",
    "figures",
    "roles check",
    f"export sdg --year {YEAR} --out {{out}}/sdg",
    f"export sdmx --year {YEAR} --out {{out}}/sdmx",
    f"export glotip --year {YEAR} --out {{out}}/glotip",
    f"export ctdc --year {YEAR} --out {{out}}/ctdc",
    "export htcds --out {out}/htcds",
    "xlsform --out {out}/form.xlsx",
)
# in a thorough run; the pages of the site show the same report, its PDF and its press release
THOROUGH_COMMANDS = (f"report --year {YEAR} --lang {{language}} --out {{out}}/report",)
KINDS = {
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "image/png": ".png",
}
PACKED = {".docx", ".xlsx", ".ods", ".zip"}
PICTURES = {".png", ".woff2", ".ttf", ".parquet", ".ico"}
# pages that named Kazakhstan before, and those that say most of a country
FIRST = {
    "law:law",
    "exchange:figures",
    "persons:find-twin",
    "cases:decide",
    "cases:register",
    "justice:compensation",
    "rights:stay-letter",
    "rights:complaint",
    "accounts:agencies",
    "awareness:new",
    "desk:home",
    "public:search",
    "public:home",
    "public:places",
    "public:method",
    "public:report-all",
    "public:report-pdf",
    "public:report-docx",
    "public:report-year",
    "public:report-press",
    "public:help",
    "public:theme",
    "public:release-archive",
    "public:figure-zip",
}
KAZAKH_OFFENCES = ("kz128", "kz308", "kz134", "kz135", "kz309")


def main(out: Path) -> None:
    """Write every page, command and mail of the installation below a folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")
    home = Path(os.environ["KEREGE_HOME"])
    from tests.conftest import HOME

    os.environ |= {"KEREGE_HOME": str(home), "KEREGE_DEMO": "1"}  # the tests have a home of their own
    assert home != HOME
    import django
    from django.conf import settings
    from django.core import mail

    django.setup()
    from django.utils import timezone

    from kerege.core.accounts import message_queue

    settings.ALLOWED_HOSTS = ["*"]
    settings.MESSAGE_SENDERS = ["kerege.core.outgoing_messages.by_email"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    make_release(home)
    name_places()
    for name in ("pages", "commands", "files"):
        (out / name).mkdir(parents=True)
    for name, body in render_pages():
        (out / "pages" / name).write_bytes(body)
    for command in (*COMMANDS, *(THOROUGH_COMMANDS if os.environ.get("KEREGE_THOROUGH") else ())):
        text = run_command(command, out / "files")
        (out / "commands" / f"{'-'.join(command.split()[:2]).strip('-')}.txt").write_text(text, encoding="utf-8")
    message_queue.deliver_due(timezone.now())
    mails = [f"{message.subject}\n{message.body}" for message in mail.outbox]
    (out / "mails.txt").write_text("\n\n".join(mails), encoding="utf-8")


def make_release(home: Path) -> None:
    """Write a release of the country: its own people, places and offences in place of Kazakhstan's."""
    from kerege.vocabulary import codes
    from kerege.vocabulary.profile import active
    from tests.publishing import made

    country, theirs = active().country, made.tables()
    own = {"KZ": country, country: "MN"} | dict(zip(KAZAKH_OFFENCES, codes.code_list("offence").codes, strict=False))
    tables = {
        name: (unit, by, where, own_cells(cells, own))
        for name, (unit, by, where, cells) in theirs.items()
        if "offence" not in by
    }
    made.tables = lambda: tables
    made.make(home)


def own_cells(cells: Mapping[Keys, Cell], own: Mapping[str, str]) -> dict[Keys, Cell]:
    """Return cells with other codes; the first of two cells with the same codes stays."""
    renamed: dict[Keys, Cell] = {}
    for keys, cell in cells.items():
        renamed.setdefault(tuple(own.get(key, key) for key in keys), cell)
    return renamed


def name_places() -> None:
    """Let addresses of the public site name a region, a language and a release that the country has."""
    from kerege.vocabulary import codes
    from tests.safety.world import PUBLISHED

    region = next(iter(codes.code_list("region").codes))
    PUBLISHED.update(region=region, code="ru", release_name="annual-2025", figure_id="origin")


def render_pages() -> Iterator[tuple[str, bytes]]:
    """Yield name and body of every page: the site's for a visitor, staff's for a user with every role."""
    from django.test import Client

    from kerege.core.authorization import session_scope
    from tests.core.urlconf import pages
    from tests.safety.world import MODULES, parameters, staff_pages

    session_scope.open_process()
    closed: set[str] = set().union(*(getattr(module, "POST_ONLY", ()) for module in MODULES))
    staff = [page for page in staff_pages() if page.name not in closed]
    others = [page for page in pages() if page.name not in {*closed, *(page.name for page in staff)}]
    own = [page for page in others if not (page.of_library and (parameters(page) or "logout" in page.name))]
    yield from ask(Client(), own, None)
    browser, things = furnish_country()
    yield from ask(browser, staff, things)


def furnish_country() -> tuple[Client, Things]:
    """Return a signed-in user with every role at an agency, and one of everything there."""
    from django.conf import settings
    from django.test import Client

    from kerege.core.accounts.models import Agency, Role, User
    from tests import second_factor
    from tests.django_fixtures import get_agency, just_now
    from tests.safety.world import PUBLISHED, Words, furnish

    agency, third = get_agency(), get_agency("third", "hotline")
    Agency.objects.update(region=PUBLISHED["region"])
    user = User.objects.create_user("everybody", None, full_name="A Person", language="en", email="a@example.org")
    for role in Role.values:
        user.assignments.create(agency=agency, role=role)
    for row in (agency, third):
        row.refresh_from_db()
    things = furnish(agency, third, Words({}))
    browser = Client()
    second_factor.activate(user)
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    just_now(browser, user)
    return browser, things


def ask(browser: Client, asked: Sequence[Page], things: Things | None) -> Iterator[tuple[str, bytes]]:
    """Yield the answers of FIRST and of a quarter of the other pages, in one language; if thorough, all."""
    from kerege.vocabulary.profile import active
    from tests.safety.world import address

    languages = active().languages
    is_thorough = bool(os.environ.get("KEREGE_THOROUGH"))
    for number, page in enumerate(asked):
        # the first language is the one that lacks most texts
        chosen = (
            languages[:1] if page.name in FIRST else [languages[number % len(languages)]] if number % 4 == 0 else []
        )
        for language in languages if is_thorough else chosen:
            answer = browser.get(address(page, things, language), secure=True)
            kind = str(answer.headers.get("Content-Type", "")).split(";")[0]
            name = f"{answer.status_code} {language} {page.name}".replace(":", ".")
            yield f"{name}{KINDS.get(kind, '.txt')}", answer.getvalue()


def run_command(command: str, files: Path) -> str:
    """Return what a command prints."""
    from kerege.cli import main as kerege
    from kerege.vocabulary.profile import active

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            kerege(command.format(out=files, language=active().default_language).split())
        except SystemExit as ended:
            printed.write(f"\nexit {ended.code}")
    return printed.getvalue()


def read_text(path: Path) -> str:
    """Return the text of a file, also of a PDF and of a packed file; '' for pictures and fonts."""
    if path.suffix in PICTURES:
        return ""
    reader: Callable[[Path], str] = READERS.get(path.suffix, _read_plain)
    return html.unescape(reader(path))


def _read_plain(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _read_pdf(path: Path) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return "\n".join(page.extract_text() for page in PdfReader(path).pages)
    except PyPdfError:  # the file of a case in these tests, which begins as a PDF does
        return _read_plain(path)


def _read_packed(path: Path) -> str:
    try:
        with ZipFile(path) as packed:
            inner = [name for name in packed.namelist() if Path(name).suffix not in {*PACKED, *PICTURES, ".pdf"}]
            return "\n".join(packed.read(name).decode(errors="replace") for name in inner)
    except BadZipFile:
        return _read_plain(path)


READERS = {".pdf": _read_pdf} | dict.fromkeys(PACKED, _read_packed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
