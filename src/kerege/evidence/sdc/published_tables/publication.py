"""Published tables as an intruder finds them: files in a folder or a workbook, or a release."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.base.text_files import decoded
from kerege.evidence.counting.frequency_table import TOTAL, WITHHELD, Table, to_csv
from kerege.evidence.counting.row_filter import MOST_CELLS
from kerege.evidence.sdc.published_tables import published_csv
from kerege.evidence.sdc.published_tables.estimate_figures import estimate_sheets, notes_on_estimates, stated_estimates
from kerege.evidence.sdc.published_tables.exceeding_sums import with_notes_on_sums
from kerege.evidence.sdc.published_tables.foreign_sheets import SheetOrigin, cell_positions, foreign_sheets
from kerege.evidence.sdc.published_tables.overlapping_codes import (
    same_answers,
    same_names,
    same_spelling,
    separate_codes,
)
from kerege.evidence.sdc.published_tables.record_files import RecordFile, read_record_files, record_paths
from kerege.evidence.sdc.published_tables.sensitive_columns import sensitive_columns
from kerege.evidence.sdc.published_tables.sheet import (
    UNNAMED,
    Group,
    Sheet,
    exceeds_total,
    incomplete_columns,
    is_multi_valued,
    without_single_codes,
)
from kerege.evidence.sdc.published_tables.stated_manifest import StatedManifest, StatedTable, StatedTime
from kerege.evidence.sdc.published_tables.titled_tables import with_filters_of_titles
from kerege.evidence.sdc.reading import workbook
from kerege.evidence.sdc.reading.column_names import YEAR, concept
from kerege.evidence.sdc.reading.crosstab import read_crosstabs
from kerege.evidence.sdc.reading.doubtful_parts import with_doubtful_parts
from kerege.evidence.sdc.reading.figures import MOST
from kerege.evidence.sdc.reading.grid import has_figures
from kerege.evidence.sdc.reading.long_table import FileReading
from kerege.evidence.sdc.reading.mixed_columns import split_mixed_columns
from kerege.evidence.sdc.reading.numerals import with_usual_digits
from kerege.evidence.sdc.reading.options import PLAIN, PossibleReading, ReadingOptions
from kerege.evidence.sdc.reading.periods import LabelledPeriod, parse_period
from kerege.evidence.sdc.reading.published_rows import PublishedRows
from kerege.evidence.sdc.reading.stock_dates import SOME_YEAR
from kerege.evidence.sdc.reading.years_in_labels import with_years_apart

__all__ = ["UNNAMED", "Group", "Publication", "Sheet", "as_sheet", "is_multi_valued", "parse", "together"]

MANIFESTS = ("manifest.json", "draft.json")
HALF = ("half_width", "D", "d", "max_noise")  # parameters that state the largest change of a count
MOST_BYTES = 200_000_000
OTHER_SUFFIXES = (".xls", ".xlsb", ".ods")  # tables that are not read, but must not be passed over
NO_TIME = StatedTime()
TABLE_SUFFIXES = (".csv", ".tsv", *workbook.SUFFIXES)


@dataclass(frozen=True)
class Publication:
    """The tables of one folder, its files of records, and notes on what else it publishes."""

    label: str
    sheets: list[Sheet]
    records: list[RecordFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _reread: Callable[[frozenset[PossibleReading]], list[Sheet]] | None = None

    @property
    def possible_readings(self) -> list[PossibleReading]:
        """Return the readings of values as totals or parts that the files do not prove."""
        return list(dict.fromkeys(reading for sheet in self.sheets for reading in sheet.possible))

    def read_with(self, assumed: Collection[PossibleReading]) -> Publication:
        """Return the publication as it is read under some of its possible readings."""
        chosen = frozenset(self.possible_readings) & frozenset(assumed)
        if not chosen or self._reread is None:
            return self
        return replace(self, sheets=[replace(sheet, release=self.label) for sheet in self._reread(chosen)])

    @classmethod
    def read(cls, folder: Path | str, options: ReadingOptions = PLAIN) -> Publication:
        """Read all tables of a release of Kerege, or of a folder, a workbook or a CSV file of any publisher.

        Without a manifest every CSV file and every sheet of a workbook is a table: a row for each cell with a column of
        counts, or a crosstab. Text that is not a number is an unpublished figure. `options` says what such files do not
        state. Signatures are not checked: an intruder uses any file.

        Raises BadInput with one sentence for each fault.
        """
        folder = Path(folder)
        is_file = folder.is_file()
        tree = {} if is_file else _read_manifest(folder)
        files = [(folder, StatedTable())] if is_file else list(_table_files(folder, tree.get("tables", [])))
        manifest = StatedManifest.model_validate(tree)
        label = manifest.title or (folder.stem if is_file else folder.resolve().name)
        records = [] if is_file else read_record_files(folder, tree, label, UNNAMED)
        if not files and not records:
            raise BadInput(Fault("holds no table", "give a folder with CSV files or a release", file=str(folder)))
        estimates = stated_estimates(tree)

        def read_sheets(assumed: frozenset[PossibleReading]) -> list[Sheet]:
            chosen = replace(options, assumed=assumed)
            sheets = [
                without_single_codes(sheet)
                for path, entry in files
                for sheet in _read_file(path, entry, manifest, label, chosen)
            ]
            sheets = with_notes_on_sums(with_filters_of_titles(sheets))
            sheets += estimate_sheets(estimates, sheets, manifest, label)
            for sheet in sheets:
                if sheet.is_cumulative is None and not sheet.as_of:
                    sheet.is_cumulative = options.is_cumulative
            return sheets

        sheets = read_sheets(options.assumed)
        return together([cls(label, sheets, records, notes_on_estimates(estimates), read_sheets)])[0]


def together(publications: Sequence[Publication]) -> list[Publication]:
    """Return publications in which the tables of other publishers use equal names for equal columns.

    A column whose codes overlap between tables becomes one column for each set of disjoint codes.
    """
    named = same_names([sheet for publication in publications for sheet in publication.sheets])
    sheets = iter(separate_codes(same_spelling(same_answers(named))))
    return [
        replace(publication, sheets=_with_unique_names([next(sheets) for _ in publication.sheets]))
        for publication in publications
    ]


def _read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest as JSON, {} without one; its `tables` is a list of objects. Raises BadInput."""
    path = next((folder / name for name in MANIFESTS if (folder / name).is_file()), None)
    if path is None:
        return {}
    try:
        manifest = _replace_surrogates(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, OSError, RecursionError):
        raise BadInput(Fault("is not JSON", "correct it, or remove it", file=str(path))) from None
    entries = manifest.get("tables", []) if isinstance(manifest, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(Fault("is not a manifest of a release", "correct it, or remove it", file=str(path)))
    return dict(manifest)


def _replace_surrogates(tree: Any) -> Any:
    """Replace lone surrogates by question marks: JSON can hold them, a report in UTF-8 cannot."""
    return json.loads(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))


def _table_files(folder: Path, entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Path, StatedTable]]:
    for entry in entries:
        name = str(entry.get("file") or f"tables/{entry.get('name')}.csv")
        path = _file_within(folder, name)
        if path is None:
            raise BadInput(
                Fault(
                    f"the manifest names {shown(name)}, which is not there", "give the whole release", file=str(folder)
                )
            )
        yield path, StatedTable.model_validate(entry)
    if not entries:
        records = record_paths(folder)
        for path in sorted([*folder.glob("*"), *folder.glob("tables/*")]):
            if path.suffix.lower() in OTHER_SUFFIXES:
                raise BadInput(Fault("is neither a CSV file nor an XLSX workbook", "save it as XLSX", file=str(path)))
            if path.suffix.lower() in TABLE_SUFFIXES and not path.name.startswith("~") and path not in records:
                yield path, StatedTable()


def _file_within(folder: Path, name: str) -> Path | None:
    """Return the file of that name if it lies in the folder, else None."""
    try:
        path = (folder / name).resolve()
        return folder / name if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _with_unique_names(sheets: list[Sheet]) -> list[Sheet]:
    """Return the tables with unique names: repeated names get a number."""
    used: set[str] = set()
    renamed = []
    for sheet in sheets:
        name, number = sheet.name, 2
        while name in used:
            name, number = f"{sheet.name} ({number})", number + 1
        used.add(name)
        renamed.append(sheet if name == sheet.name else replace(sheet, name=name))
    return renamed


def _read_file(
    path: Path, entry: StatedTable, manifest: StatedManifest, label: str, options: ReadingOptions
) -> list[Sheet]:
    named = entry if entry.name else entry.model_copy(update={"name": path.stem})
    if path.suffix.lower() in workbook.SUFFIXES:
        return _read_workbook(path, named, manifest, label, options)
    text = _read_text(path, options.encoding)
    if entry.of and published_csv.is_own(text):
        sheet = parse(text, named, manifest, label, str(path))
        if not manifest.policy.states_sensitive:
            sheet.sensitive = sensitive_columns(sheet, options.not_sensitive)
        return [sheet]
    reading = FileReading(str(path), _half_width(dict(entry.params)), _with_multi(options, entry))
    tables = published_csv.read_tables(text, reading)
    return _sheets_of(tables, named, manifest, label, reading)


def _read_text(path: Path, encoding: str) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(Fault("has more than a million cells", "split it", file=str(path)))
        content = path.read_bytes()
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions", file=str(path))) from None
    return with_usual_digits(decoded(content, str(path), encoding))


def _read_workbook(
    path: Path, entry: StatedTable, manifest: StatedManifest, label: str, options: ReadingOptions
) -> list[Sheet]:
    """Return the tables of all sheets of a workbook.

    A sheet with figures but no table is one that is not read.
    """
    reading = FileReading(str(path), _half_width(dict(entry.params)), _with_multi(options, entry))
    result: list[Sheet] = []
    pages = workbook.read_workbook(path)
    has_parts = any(map(_is_part_of_year, pages))
    periods = _periods_of_titles([page.title for page in pages])
    for page in pages:
        reading = replace(reading, file=f"{path}: sheet {shown(page.title)}")
        tables = read_crosstabs(page.grid, page.title, reading)
        if not tables and has_figures(page.grid):
            tables = [PublishedRows((), [], [], [], name=page.title, unread=("all figures of the sheet",))]
        sheets = _sheets_of(tables, entry, manifest, label, reading)
        for sheet in sheets:
            _add_page(sheet, page, periods.get(page.title) if has_parts else None)
        result += sheets
    if not result:
        raise BadInput(Fault("holds no table", "give a workbook with headings above its figures", file=str(path)))
    return result


def _is_part_of_year(page: workbook.WorkbookSheet) -> bool:
    return parse_period(page.title) is not None and YEAR.fullmatch(page.title.strip()) is None


def _periods_of_titles(titles: Sequence[str]) -> dict[str, LabelledPeriod]:
    """Return the period of each title; one without a year gets that of the others, or an invented one."""
    periods = {title: period for title in titles if (period := parse_period(title)) is not None}
    years = set().union(*(period.years for period in periods.values())) or {SOME_YEAR}
    return {
        title: period if period.has_year else period.in_year(next(iter(years)))
        for title, period in periods.items()
        if period.has_year or len(years) == 1
    }


def _add_page(sheet: Sheet, page: workbook.WorkbookSheet, period: LabelledPeriod | None) -> None:
    """Add the facts that a sheet states: the time in its title, and that it is hidden.

    A year is a filter; beside parts of years it is a `period` that holds them.
    """
    title = page.title.strip()
    if period is not None and not (sheet.period or sheet.as_of or period.is_open):
        if period.is_whole:
            sheet.as_of = period.last.isoformat()
        else:
            sheet.period = period.label
    elif YEAR.fullmatch(title) and not any(concept(name) == "year" for name in (*sheet.by, *sheet.where)):
        sheet.where = {**sheet.where, "year": [title]}
    if page.is_hidden:
        sheet.notes = [*sheet.notes, f"The sheet {shown(title)} is hidden in the workbook. It was read."]


def _with_multi(options: ReadingOptions, entry: StatedTable) -> ReadingOptions:
    return replace(options, multi=options.multi | frozenset(entry.multi or ()))


def _sheets_of(
    tables: Sequence[PublishedRows], entry: StatedTable, manifest: StatedManifest, label: str, reading: FileReading
) -> list[Sheet]:
    """Return the sheets of the tables of one file in the form of any publisher."""
    sensitive = frozenset(manifest.policy.sensitive) if manifest.policy.states_sensitive else None
    time = manifest.time_of(entry)
    origin = SheetOrigin(reading.file, label, time, sensitive, _parse_filter(entry, reading.file))
    result = []
    for rows in (
        part for table in tables for part in split_mixed_columns(with_doubtful_parts(with_years_apart(table)))
    ):
        for sheet in foreign_sheets(rows, rows.name or entry.name, origin, reading.options):
            sheet.params = dict(entry.params)
            if entry.of:
                sheet.of, sheet.origin, sheet.ties = entry.of, time.origin, manifest.ties_of(entry.of)
                sheet.multi |= frozenset(name for name in sheet.by if is_multi_valued(entry.of, name))
            if "small_categories" in sheet.params:
                sheet.incomplete = frozenset(sheet.by)
            result.append(sheet)
    return result


def parse(text: str, entry: StatedTable, manifest: StatedManifest, label: str, file: str = "") -> Sheet:
    """Return a table from its CSV text and the statements of the manifest about it and the release."""
    unit, params = entry.of, dict(entry.params)
    rows = published_csv.read(text, file, _half_width(params), ours=True)
    axes = tuple((TOTAL, *dict.fromkeys(code for code in column if code != TOTAL)) for column in rows.codes)
    shape = [len(axis) for axis in axes]
    if math.prod(shape) > MOST_CELLS:
        raise BadInput(Fault("has more than a million cells", "split it", file=file))
    time = manifest.time_of(entry)
    sheet = Sheet(
        name=entry.name,
        of=unit,
        by=rows.by,
        where=_parse_filter(entry, file),
        axes=axes,
        counts=np.zeros(shape, np.int64),
        status=np.full(shape, WITHHELD, np.uint8),
        params=params,
        lower=np.zeros(shape),
        upper=np.full(shape, np.inf),
        release=label,
        origin=time.origin,
        as_of=time.as_of,
        period=time.period,
        is_cumulative=time.is_cumulative,
        sensitive=frozenset(manifest.policy.sensitive) & set(rows.by),
        ties=manifest.ties_of(unit),
    )
    cell_positions(sheet, rows, file)
    sheet.multi = _multi_valued(sheet, entry)
    sheet.incomplete = frozenset(rows.by) if "small_categories" in params else incomplete_columns(sheet)
    return sheet


def as_sheet(table: Table, label: str, time: StatedTime = NO_TIME) -> Sheet:
    """Return a table that is about to be published in the form in which an intruder will find it."""
    entry = StatedTable(name=table.name, of=table.of, where=table.where, params=table.params, multi=sorted(table.multi))
    stated = {"unit": table.of, "fingerprint": time.origin, "as_of": time.as_of}
    of_release = {"period": time.period, "cumulative": time.is_cumulative, "snapshots": [stated]}
    return parse(to_csv(table), entry, StatedManifest.model_validate(of_release), label, table.name)


def _parse_filter(entry: StatedTable, file: str) -> dict[str, list[str]]:
    where = entry.where or {}
    filters = {}
    for name, values in where.items() if isinstance(where, dict) else [("", {})]:
        filters[name] = [
            str(value) for value in (values if isinstance(values, list) else [values]) if isinstance(value, str | int)
        ]
        if not filters[name] or (isinstance(values, list) and len(filters[name]) < len(values)):
            raise BadInput(Fault("the manifest gives it an invalid filter", "correct the manifest", file=file))
    return filters


def _half_width(params: Mapping[str, Any]) -> float:
    """Return the largest change of a rounded or perturbed count, infinity when it is not stated."""
    for name in HALF:
        value = params.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MOST:
            return float(math.floor(value))
    return math.inf


def _multi_valued(sheet: Sheet, entry: StatedTable) -> frozenset[str]:
    """Return the multi-valued columns: stated, known, or with values that exceed their total."""
    if entry.multi is not None:
        return frozenset(entry.multi) & {*sheet.by, *sheet.where}
    return frozenset(
        name for d, name in enumerate(sheet.by) if is_multi_valued(sheet.of, name) or exceeds_total(sheet, d)
    )
