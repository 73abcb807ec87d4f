"""All files of an indicator by suffix, made from one view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from kerege.charts import Chart, draw_svg
from kerege.charts.draw import DRAWINGS
from kerege.publishing.releases import catalogue
from kerege.publishing.site.files import (
    api_indicator,
    archive,
    citation,
    csvw,
    datacite,
    datapackage,
    image,
    json_text,
    ods,
    people_csv,
    sdmx_files,
)
from kerege.publishing.site.files.describe_view import chart_for_files, describe
from kerege.publishing.site.files.figure_file import FigureFile
from kerege.publishing.site.files.release_files_of import citable
from kerege.publishing.site.series import View
from kerege.publishing.site.site_state import SiteState
from kerege.vocabulary import languages

# pixels: scaled to 1120, the smallest text of a chart is 24 px high or more in a shared picture
PICTURE, TILES = 510, 420
NOT_IN_ARCHIVE = frozenset({".zip", ".datacite.json"})


@dataclass(frozen=True)
class FigureBundle:
    """One view in one language, from which each file is written on demand."""

    view: View
    state: SiteState
    lang: str
    base: str
    pinned: str = ""

    @cached_property
    def figure(self) -> FigureFile:
        """Return the description in the language of the bundle."""
        return self.described(self.lang)

    def described(self, lang: str) -> FigureFile:
        """Return the description in a language."""
        return describe(self.view, self.state, lang, self.base, pinned=self.pinned)

    @cached_property
    def chart(self) -> Chart:
        """Return the chart of the picture."""
        return chart_for_files(self.view, self.lang)

    @property
    def has_picture(self) -> bool:
        """Return whether there is a drawing of this kind of chart."""
        return self.chart.kind in DRAWINGS and bool(self.chart.values)

    def svg(self) -> bytes:
        """Return the picture as SVG."""
        width = TILES if self.chart.kind == "tiles" else PICTURE
        return image.write_svg(self.figure, draw_svg(self.chart, width))

    def png(self) -> bytes:
        """Return the picture as PNG."""
        return image.write_png(self.svg())

    def json(self) -> bytes:
        """Return the file of the API, in all languages."""
        return api_indicator.write({lang: self.described(lang) for lang in languages.offered()})

    def zip(self) -> bytes:
        """Return the archive of all files, with the signed tables of the indicator."""
        left_out = NOT_IN_ARCHIVE if self.has_picture else NOT_IN_ARCHIVE | PICTURES
        suffixes = [suffix for suffix in WRITERS if suffix not in left_out]
        files = {f"{self.figure.name}{suffix}": self.write(suffix) for suffix in suffixes}
        return archive.write(self.figure, files, self.signed())

    def signed(self) -> dict[str, bytes]:
        """Return manifest, signature, key and tables of each release, as they were signed, by path."""
        names = {table.entry.file for table in self.view.tables.values()}
        members: dict[str, bytes] = {}
        for release in self.view.releases:
            for part in (*catalogue.PARTS, *sorted(names & release.named.keys())):
                content = catalogue.read_file(release, part)
                if content is not None:
                    members[f"{release.path.name}/{part}"] = content
        return members

    def write(self, suffix: str) -> bytes:
        """Return the file of a suffix."""
        return WRITERS[suffix].write(self)


@dataclass(frozen=True)
class FigureWriter:
    """Content type of a suffix and the function that writes the file."""

    kind: str
    write: Callable[[FigureBundle], bytes]


def _datacite(bundle: FigureBundle) -> bytes:
    return datacite.write(citable(bundle.state, bundle.figure))


WRITERS: Mapping[str, FigureWriter] = {
    ".csv": FigureWriter(people_csv.KIND, lambda bundle: people_csv.write(bundle.figure)),
    ".ods": FigureWriter(ods.KIND, lambda bundle: ods.write(bundle.figure)),
    ".json": FigureWriter(json_text.KIND, FigureBundle.json),
    ".zip": FigureWriter(archive.KIND, FigureBundle.zip),
    ".svg": FigureWriter(image.SVG_KIND, FigureBundle.svg),
    ".png": FigureWriter(image.PNG_KIND, FigureBundle.png),
    ".csv-metadata.json": FigureWriter(csvw.KIND, lambda bundle: csvw.write(bundle.figure)),
    ".datapackage.json": FigureWriter(json_text.KIND, lambda bundle: datapackage.write(bundle.figure)),
    ".sdmx.csv": FigureWriter(sdmx_files.KINDS["csv"], lambda bundle: sdmx_files.write(bundle.figure, "csv")),
    ".sdmx.xml": FigureWriter(sdmx_files.KINDS["xml"], lambda bundle: sdmx_files.write(bundle.figure, "xml")),
    ".sdmx-structure.json": FigureWriter(
        sdmx_files.KINDS["structure.json"], lambda bundle: sdmx_files.write_structure(bundle.figure)
    ),
    ".datacite.json": FigureWriter(datacite.KIND, _datacite),
    ".bib": FigureWriter(citation.BIBTEX_KIND, lambda bundle: citation.write_bibtex(bundle.figure)),
    ".ris": FigureWriter(citation.RIS_KIND, lambda bundle: citation.write_ris(bundle.figure)),
}
PICTURES = frozenset({".svg", ".png"})
# a browser shows these; it saves the others
SHOWN = frozenset({".svg", *(suffix for suffix in WRITERS if suffix.endswith("json"))})
