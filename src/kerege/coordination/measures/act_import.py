"""Import of an act's table into a plan: additions, faults, and bodies that are not known."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.formats.sources import UploadedFile
from kerege.coordination.measures import services
from kerege.coordination.measures.act_table import ActRow, read_act
from kerege.coordination.measures.act_terms import NamedBody, fold, read_bodies, read_term
from kerege.coordination.measures.models import BodyName, Measure, MeasureBody, MeasurePlan
from kerege.coordination.texts import check_text
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor

# columns of the act with the columns of a measure that hold them by language
BY_LANGUAGE = {
    "text": "texts",
    "completion": "completions",
    "term": "terms",
    "funding": "fundings",
    "bodies": "body_texts",
}


@dataclass
class ActPreview:
    """Additions of an import to a plan, or the faults of its file."""

    digest: str
    rows: list[ActRow] = field(default_factory=list)
    new: list[Measure] = field(default_factory=list)
    worded: list[Measure] = field(default_factory=list)  # known measures that get a wording in this language
    bodies: list[MeasureBody] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)  # names of bodies that match no agency
    faults: list[Fault] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        """Return whether the plan holds all of it already."""
        return not (self.new or self.worded or self.bodies)

    @property
    def bodies_of(self) -> dict[str, list[MeasureBody]]:
        """Return the bodies that would be added, by number of the measure."""
        by_number: dict[str, list[MeasureBody]] = defaultdict(list)
        for body in self.bodies:
            by_number[body.measure.number].append(body)
        return by_number


def digest_of(file: UploadedFile, lang: str) -> str:
    """Return a digest of a file and its language: an import must repeat what was checked."""
    return hashlib.sha256(f"{file.name}\0{lang}\0".encode() + file.content).hexdigest()


def import_act(actor: Actor, plan: MeasurePlan, file: UploadedFile, lang: str, *, dry_run: bool = True) -> ActPreview:
    """Read an act's table in one language; write it unless it is a dry run or has a fault."""
    authorization.require(actor, "measures.keep", plan)
    preview = ActPreview(digest_of(file, lang))
    try:
        preview.rows = read_act(file)
        _compare(preview, plan, lang)
        if not dry_run and not preview.faults and not preview.changes_nothing:
            services.write_import(actor, plan, new=preview.new, worded=preview.worded, bodies=preview.bodies)
    except BadInput as error:
        preview.faults = list(error.faults)
    return preview


def _compare(preview: ActPreview, plan: MeasurePlan, lang: str) -> None:
    stored = {row.number: row for row in plan.measures.prefetch_related("responsible")}
    names = _known_names(plan)
    keys = {name: name for name in names}
    for place, row in enumerate(preview.rows, start=1):
        preview.faults += _references(row)
        measure = stored.get(row.number)
        if measure is None:
            _add_new(preview, plan, row, lang, place)
            measure = preview.new[-1] if preview.new and preview.new[-1].number == row.number else None
        elif not measure.texts.get(lang):
            _set_words(measure, row, lang)
            preview.worded.append(measure)
        else:
            preview.faults += _differences(measure, row, lang)
        if measure is not None:
            _add_bodies(preview, measure, read_bodies(row.bodies, keys), names, row.row)
    preview.unknown = list(dict.fromkeys(preview.unknown))


def _add_new(preview: ActPreview, plan: MeasurePlan, row: ActRow, lang: str, place: int) -> None:
    term = read_term(row.term, plan.starts_on, plan.ends_on)
    if term is None:
        what = _("this deadline is not understood")
        todo = _("write it as 31.12.2026, IV quarter 2026, yearly or permanently")
        preview.faults.append(Fault(what, todo, row=row.row, column="term"))
        return
    if not plan.starts_on <= term.due_on <= plan.ends_on:
        todo = _("correct the deadline, or the days of the plan")
        preview.faults.append(Fault(_("this deadline is outside of the plan"), todo, row=row.row, column="term"))
        return
    measure = Measure(plan=plan, number=row.number, place=place, direction=row.direction, term=term.kind)
    measure.due_on = term.due_on
    _set_words(measure, row, lang)
    preview.new.append(measure)


def _set_words(measure: Measure, row: ActRow, lang: str) -> None:
    for column, name in BY_LANGUAGE.items():
        if text := getattr(row, column):
            setattr(measure, name, {**getattr(measure, name), lang: text})


def _references(row: ActRow) -> Iterator[Fault]:
    """Yield a fault for each text with the reference of a case or an identity number."""
    for column in BY_LANGUAGE:
        try:
            check_text(getattr(row, column), row=row.row, column=column)
        except BadInput as error:
            yield from error.faults


def _differences(measure: Measure, row: ActRow, lang: str) -> Iterator[Fault]:
    """Yield a fault for each text that differs from the plan: only an act changes a measure."""
    for column, name in BY_LANGUAGE.items():
        if getattr(measure, name).get(lang, "") != getattr(row, column):
            what = _("this differs from the plan")
            yield Fault(what, _("record the change of the measure with its act"), row=row.row, column=column)


def _known_names(plan: MeasurePlan) -> Mapping[str, list[Agency]]:
    """Return the agencies that a folded name means: by name, code, or recorded short name."""
    agencies = list(Agency.objects.filter(active=True))
    names: dict[str, list[Agency]] = {}
    for agency in agencies:
        for name in (agency.code, *agency.names.values()):
            names[fold(name)] = [agency]
    for row in BodyName.objects.filter(owner=plan.agency_id).select_related("agency"):
        meant = [row.agency] if row.agency else [agency for agency in agencies if agency.kind == row.kind]
        names[fold(row.name)] = meant
    return names


def _add_bodies(
    preview: ActPreview, measure: Measure, named: Sequence[NamedBody], names: Mapping[str, list[Agency]], row: int
) -> None:
    """Add the bodies that a measure lacks. The convener leads, else the first one that is known."""
    preview.unknown += [body.name for body in named if not body.key]
    matched = [(agency, body.convenes) for body in named for agency in names.get(body.key, ())]
    held = {body.agency_id for body in measure.responsible.all()} if not measure._state.adding else set()
    has_convener = any(convenes for _agency, convenes in matched)
    for place, (agency, convenes) in enumerate(matched):
        if agency.pk not in held:
            held.add(agency.pk)
            leads = convenes if has_convener else place == 0
            preview.bodies.append(MeasureBody(measure=measure, agency=agency, leads=leads, place=place))
    if not held:
        what = _("none of these bodies is an agency of the programme")
        preview.faults.append(Fault(what, _("record what the name means"), row=row, column="bodies"))
