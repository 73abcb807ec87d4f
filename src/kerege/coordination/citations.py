"""Tables of public releases that an item of an agenda or a factor of the risk assessment cites."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.publishing.releases import queries as releases
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary.languages import text_or
from kerege.web.templatetags.kerege import language

Columns = tuple[str, ...]


def find_table(folder: str, name: str) -> tuple[ReleaseFiles, PublishedTable] | None:
    """Return a public release and its table; None if the release is not public or lacks the table."""
    files = next((files for files in releases.public_files() if files.path.name == folder), None)
    return (files, files.tables[name]) if files and name in files.tables else None


def check_table(folder: str, name: str, by: Columns | None = None) -> None:
    """Raise BadInput unless a public release has a table, and it counts by the given columns."""
    cited = find_table(folder, name)
    if cited is None or by not in (None, cited[1].by):
        what = gettext_noop("this table is not in a public release")
        raise BadInput(Fault(what, gettext_noop("cite a published table")))


def mark_of(folder: str) -> str:
    """Return `corrected` if a correction replaced a public release, else ''."""
    return "corrected" if folder in releases.superseded_folders() else ""


def list_tables(by: Columns | None = None) -> list[tuple[str, str]]:
    """Return (value, label) of the tables of public releases that no correction replaced.

    Parameters
    ----------
    by : tuple of str, optional
        Only tables that count by these columns.
    """
    superseded = releases.superseded_folders()
    return [
        (f"{files.path.name}/{name}", f"{title_of(files)}: {text_or(table.entry.title, language(), name)}")
        for files in releases.public_files()
        if files.path.name not in superseded
        for name, table in files.tables.items()
        if by in (None, table.by)
    ]


def title_of(files: ReleaseFiles) -> str:
    """Return the title of a release in the active language, else the name of its folder."""
    return text_or(files.title, language(), files.path.name)
