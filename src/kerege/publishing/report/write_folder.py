"""Writer of the report as a folder, completely or not at all."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from kerege.base.files import atomic_dir
from kerege.publishing.report import prevalence_section
from kerege.publishing.report.document import ReportDocument, compose
from kerege.publishing.report.formats import html, pdf, press
from kerege.publishing.report.views import csv_name
from kerege.publishing.storage.year_releases import YearReleases

__all__ = ["compose", "write"]

STYLE = Path(__file__).resolve().parent.parent / "static" / "publishing" / "report.css"
STATIC = Path(str(resources.files("kerege.web"))) / "static"
FONTS = STATIC / "vendor" / "noto-sans-5.3.0"
ICON = STATIC / "kerege" / "favicon.svg"
RANGES = {
    "latin": "U+0000-00FF, U+0131, U+2000-206F, U+20AC, U+2190-2193, U+2212",
    "latin-ext": "U+0100-0130, U+0132-02BA, U+1E00-1EFF",
    "cyrillic": "U+0301, U+0400-045F, U+0490-0491, U+04B0-04B1, U+2116",
    "cyrillic-ext": "U+0460-048F, U+0492-04AF, U+04B2-052F, U+2DE0-2DFF, U+A640-A69F",
}


def write(year_releases: YearReleases, languages: tuple[str, ...], out: Path) -> list[Path]:
    """Write the report in these languages to `out` and return its files, relative to `out`."""
    documents = [compose(year_releases, lang) for lang in languages]
    with atomic_dir(out) as folder:
        _assets(folder / "assets")
        for doc in documents:
            _language(folder / doc.lang, year_releases, doc, languages)
        (folder / "index.html").write_text(html.render_language_page(documents), encoding="utf-8")
        files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return files


def _assets(folder: Path) -> None:
    folder.mkdir()
    faces = []
    for subset, unicode_range in RANGES.items():
        for weight in (400, 700):
            name = f"noto-sans-{subset}-{weight}-normal.woff2"
            shutil.copyfile(FONTS / name, folder / name)
            faces.append(
                f'@font-face {{ font-family: "Noto Sans"; font-weight: {weight}; font-display: swap; '
                f'src: url("{name}") format("woff2"); unicode-range: {unicode_range}; }}'
            )
    shutil.copyfile(ICON, folder / ICON.name)
    shutil.copyfile(FONTS / "LICENSE", folder / "noto-sans-LICENSE.txt")
    (folder / "report.css").write_text("\n".join(faces) + "\n" + STYLE.read_text(encoding="utf-8"), encoding="utf-8")


def _language(folder: Path, year_releases: YearReleases, doc: ReportDocument, languages: tuple[str, ...]) -> None:
    (folder / "charts").mkdir(parents=True)
    (folder / "data").mkdir()
    for figure in doc.figures.values():
        if figure.drawing is not None:
            (folder / "charts" / f"{figure.id}.svg").write_text(figure.drawing.titled, encoding="utf-8")
    for table in year_releases.tables.values():
        (folder / "data" / csv_name(year_releases, table.name)).write_bytes(table.content)
    for figure in doc.figures.values():
        for file, name in figure.csv if figure.id in prevalence_section.IDS.values() else ():
            (folder / "data" / file).write_bytes(year_releases.content(name) or b"")
    for name, page in html.render_pages(year_releases, doc, languages).items():
        (folder / name).write_text(page, encoding="utf-8")
    (folder / "press-release.docx").write_bytes(press.to_docx(doc))
    (folder / "report.pdf").write_bytes(pdf.to_pdf(doc))
