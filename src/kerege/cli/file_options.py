"""Options about files of other publishers, which `kerege attack` and `kerege release` share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kerege.base.errors import BadInput, Fault
from kerege.base.multilingual_titles import LANGUAGES

if TYPE_CHECKING:
    from kerege.evidence.sdc.reading.options import ReadingOptions

DashOption = Annotated[
    str, typer.Option("--dash", help="The meaning of a dash in place of a figure: zero or suppressed.")
]
MultiOption = Annotated[
    list[str] | None,
    typer.Option(
        "--multi", help="Column in which a person can have several values, separated by ; in a file. Repeat for more."
    ),
]
SingleOption = Annotated[
    list[str] | None,
    typer.Option("--single", help="Column in which nobody has two values: none is a part of another. Repeat for more."),
]
HierarchyOption = Annotated[
    list[str] | None,
    typer.Option("--hierarchy", help="Code hierarchy of a column: COLUMN=FILE.hrc, or a FILE.toml; repeat for more."),
]
NotSensitiveOption = Annotated[
    list[str] | None,
    typer.Option("--not-sensitive", help="Column that is not sensitive, although it has few values; repeat for more."),
]
EncodingOption = Annotated[
    str,
    typer.Option("--encoding", help="Encoding of CSV files, such as cp1251; default: UTF-8, or UTF-16 by its mark."),
]
PersonsEncodingOption = Annotated[
    str,
    typer.Option("--encoding", help="Encoding of CSV files, such as cp1251; default: recognised by their content."),
]
CumulativeOption = Annotated[
    bool | None,
    typer.Option(
        "--cumulative/--one-period",
        help="Whether files count everybody up to their date, or the people of one period.",
        show_default="both are tried",
    ),
]


LanguageOption = Annotated[str, typer.Option("--lang", help="The language of the answer: kk, ru or en.")]


def check_language(language: str) -> None:
    """Raise BadInput for a language in which no answer is written."""
    if language not in LANGUAGES:
        raise BadInput(Fault(f"there is no language {language!r}", f"choose from {', '.join(LANGUAGES)}", "--lang"))


def reading_options(
    dash: str,
    multi: Sequence[str] | None,
    hierarchy_files: Sequence[str] | None,
    not_sensitive: Sequence[str] | None,
    cumulative: bool | None,
    encoding: str = "",
    single: Sequence[str] | None = None,
) -> ReadingOptions:
    """Return the choices for files of other publishers; raises BadInput.

    `hierarchy_files` are files, or `COLUMN=FILE`.
    """
    from kerege.evidence.sdc.reading import hierarchies, options  # here, because help needs no library

    if dash and dash not in options.DASHES:
        raise BadInput(Fault("--dash is neither zero nor suppressed", "give one of them"))
    parents: hierarchies.Hierarchies = {}
    for argument in hierarchy_files or ():
        for column, by_code in hierarchies.read_hierarchies(argument).items():
            parents[column] = parents.get(column, {}) | by_code
    return options.ReadingOptions(
        dash,
        frozenset(multi or ()),
        parents,
        frozenset(not_sensitive or ()),
        cumulative,
        encoding=encoding,
        single=frozenset(single or ()),
    )
