"""ZIP of an indicator: data, descriptions, pictures, citations, and manifests with signatures."""

from __future__ import annotations

from collections.abc import Mapping

from kerege.base.still_archive import pack
from kerege.publishing.site.files.citation import sentence
from kerege.publishing.site.files.figure_file import LICENCE, LICENCE_NAME, FigureFile
from kerege.publishing.site.files.file_words import get_words

KIND = "application/zip"
README = "README.txt"


def write(figure: FigureFile, files: Mapping[str, bytes], signed: Mapping[str, bytes]) -> bytes:
    """Return the archive.

    `files` are the files of the indicator by name; `signed` the files of its releases by path, as they were signed.
    """
    members = {README: _readme(figure, [*files, *signed]).encode(), **files}
    members |= {f"signed/{path}": content for path, content in signed.items()}
    return pack([(f"{figure.name}/{name}", content) for name, content in members.items()])


def _readme(figure: FigureFile, names: list[str]) -> str:
    words = get_words(figure.lang)
    text = words["readme"]
    blocks = [
        figure.title,
        words["marks"]["invented"] if figure.invented else "",
        figure.finding,
        figure.scope,
        figure.level,
        "\n".join(f"- {note}" for note in figure.notes),
        f"{text['unit']} {figure.unit}",
        text["withheld"],
        "\n".join([text["files"], *(f"- {name}" for name in names)]),
        "\n".join([text["check"], *(f"- {release.address}release.zip" for release in figure.releases)]),
        f"{text['cite']}\n{sentence(figure)}",
        f"{text['licence']} {LICENCE_NAME}, {LICENCE}",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"
