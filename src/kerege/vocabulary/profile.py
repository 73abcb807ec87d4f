"""Country profile: the laws, deadlines and numbers of a country. Each country has its own file.

Every legal fact states its source and whether a lawyer of the ministry has confirmed it. `kerege doctor` lists the
unconfirmed ones.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache, partial
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from kerege.base.errors import BadInput, Fault
from kerege.vocabulary import clock_history, codes, confirmations, corrections
from kerege.vocabulary.dates import add_business_days
from kerege.vocabulary.law_parts import CompensationFund, LawArticle, LegalBasis, LegalStay, Quorum
from kerege.vocabulary.pack import Pack, active_pack, countries, find_pack, using
from kerege.vocabulary.profile_facts import ProfileFact, list_facts, list_texts
from kerege.vocabulary.profile_parts import (
    Approvals,
    Deadline,
    EarlierTerm,
    FileTerm,
    FollowUps,
    FurtherPhone,
    HandoverTerm,
    HelpText,
    Holidays,
    IdentificationTrack,
    IdentityNumber,
    ImportAgency,
    InitialReport,
    NoticePeriod,
    Payers,
    Phone,
    Retention,
    RoleRules,
    ServiceCatalogue,
    ServiceTerm,
    TranslatedText,
)
from kerege.vocabulary.profile_parts import Country as _Country
from kerege.vocabulary.statistics_parts import (
    Cohort,
    CrimeSource,
    NationalPopulation,
    OffenceList,
    StatisticsSite,
    Threshold,
)

PARTS = ("profile.toml", "law.toml", "calendar.toml")  # files of a pack that hold the profile
HELP_PAGE = "help_page"


class Profile(_Country):
    """Complete country profile, validated."""

    hotline: Phone
    emergency: Phone
    phones: list[FurtherPhone] = []
    identity_number: IdentityNumber | None = None
    publication: Threshold
    population: NationalPopulation
    service_term: ServiceTerm
    service_term_notice: NoticePeriod
    consent_notice: NoticePeriod
    return_follow_ups: FollowUps
    payers: Payers
    services: ServiceCatalogue
    tracks: dict[str, IdentificationTrack]
    clocks: dict[str, Deadline]
    approvals: Approvals
    roles: RoleRules
    handover: HandoverTerm
    removed_files: FileTerm
    holidays: Holidays
    retention: dict[str, Retention] = {}
    crime_sources: dict[str, CrimeSource]
    offences: dict[str, OffenceList]
    legal_basis: list[LegalBasis]
    cohorts: dict[str, Cohort]
    stay: LegalStay
    reflection: NoticePeriod
    compensation: CompensationFund
    protection_review: NoticePeriod
    plan_report: NoticePeriod
    commission_quorum: Quorum = Quorum(confirmed=False, source="no act on commissions was read")
    initial_report: InitialReport = Field(  # its codes are checked with the pack in use, not when the module is read
        default_factory=lambda: InitialReport(
            receivers=["internal_affairs", "crisis_centre"], confirmed=False, source="design suggestion"
        )
    )
    law: list[LawArticle] = []
    # terms of deadlines before they were corrected in this installation, in the order of their last days
    earlier_terms: dict[str, list[EarlierTerm]] = {}
    import_agency: ImportAgency
    statistics_site: StatisticsSite | None = None
    help_page: dict[str, HelpText] = {}

    @model_validator(mode="after")
    def _every_text_is_in_every_language(self) -> Profile:
        if problems := list(self._language_problems()):
            raise ValueError("; ".join(problems))
        return self

    def _language_problems(self) -> Iterator[str]:
        for path, written in self.texts():
            if missing := {*self.complete_languages, *self.fallback_languages[-1:]} - written:
                yield f"{path} lacks {', '.join(sorted(missing))}"
            # the page for a person who was trafficked may be in further languages
            if path != HELP_PAGE and (foreign := written - {*self.languages, *self.fallback_languages}):
                yield f"{path} is in {', '.join(sorted(foreign))}, which is not a language of the profile"

    @field_validator("legal_basis")
    @classmethod
    def _ids_are_unique(cls, bases: list[LegalBasis]) -> list[LegalBasis]:
        ids = [basis.id for basis in bases]
        if repeated := {basis_id for basis_id in ids if ids.count(basis_id) > 1}:
            raise ValueError(f"{', '.join(sorted(repeated))} occurs twice")
        return bases

    @field_validator("retention")
    @classmethod
    def _kinds_are_known(cls, rules: dict[str, Retention]) -> dict[str, Retention]:
        if unknown := rules.keys() - codes.code_list("retention_kind").codes.keys():
            raise ValueError(f"{', '.join(sorted(unknown))} is not in the code list retention_kind")
        return rules

    @field_validator("crime_sources")
    @classmethod
    def _one_source_is_main(cls, sources: dict[str, CrimeSource]) -> dict[str, CrimeSource]:
        if unknown := sources.keys() - codes.code_list("crime_source").codes.keys():
            raise ValueError(f"{', '.join(sorted(unknown))} is not in the code list crime_source")
        if [source.main for source in sources.values()].count(True) != 1:
            raise ValueError("exactly one source has main = true")
        return sources

    @field_validator("cohorts")
    @classmethod
    def _one_cohort_of_a_kind(cls, cohorts: dict[str, Cohort]) -> dict[str, Cohort]:
        kinds = [cohort.kind for cohort in cohorts.values()]
        if repeated := {kind for kind in kinds if kinds.count(kind) > 1}:
            raise ValueError(f"{', '.join(sorted(repeated))} is the kind of two cohorts")
        return cohorts

    @field_validator("tracks")
    @classmethod
    def _every_track_has_deciders(cls, tracks: dict[str, IdentificationTrack]) -> dict[str, IdentificationTrack]:
        if tracks.keys() != codes.code_list("decision_track").codes.keys():
            raise ValueError("names other tracks than the code list decision_track")
        return tracks

    @property
    def threshold(self) -> int:
        """Return the smallest count that may be published."""
        return self.publication.minimum_cell

    @property
    def main_source(self) -> str:
        """Return the code of the body whose count of crimes the figures lead with."""
        return next(code for code, source in self.crime_sources.items() if source.main)

    @property
    def source_order(self) -> tuple[str, ...]:
        """Return the bodies that count crimes, the main one first."""
        return tuple(sorted(self.crime_sources, key=lambda code: not self.crime_sources[code].main))

    def source_name_in(self, source: str, language: str, form: str) -> str:
        """Return the name of a body that counts crimes in a form; its label where the profile has no forms."""
        names = self.crime_sources[source].names.get(language)
        return str(getattr(names, form)) if names else codes.label("crime_source", source, language)

    @property
    def cohort_order(self) -> tuple[Cohort, ...]:
        """Return the cohorts, the newest first: a year with figures of both is counted by the newer one."""
        return tuple(sorted(self.cohorts.values(), key=lambda cohort: -cohort.first_year))

    def cohort_of(self, kind: str) -> Cohort | None:
        """Return the cohort of a kind, or None where the country has no such programme."""
        return next((cohort for cohort in self.cohorts.values() if cohort.kind == kind), None)

    @property
    def sharing_bases(self) -> list[LegalBasis]:
        """Return the legal bases for sharing data without the person's consent."""
        return [basis for basis in self.legal_basis if "sharing" in basis.covers]

    def tracks_of(self, agency_kind: str) -> list[str]:
        """Return the identification tracks on which an agency kind decides, formally or preliminarily."""
        return [name for name, track in self.tracks.items() if agency_kind in {*track.formal, *track.preliminary}]

    def decides_formally(self, agency_kind: str, track: str) -> bool:
        """Return whether an agency kind decides formally on a track, not only preliminarily."""
        return agency_kind in self.tracks[track].formal

    def due(self, clock: str, start: date) -> date:
        """Return the last day of a deadline that starts on a day; raises KeyError for an unknown clock.

        A clock keeps the number of days that was in force when it began.
        """
        days = clock_history.days_at(self._list_segments(clock), start)
        return add_business_days(start, days, self.holidays.includes, self.holidays.weekend)

    def list_overdue_starts(self, clock: str, today: date) -> list[tuple[date | None, date]]:
        """Return the days of beginning whose deadline has passed: after one day (None: any), through another."""
        return list(clock_history.list_overdue(self._list_segments(clock), partial(self.due, clock), today))

    def _list_segments(self, clock: str) -> list[clock_history.Segment]:
        earlier = [(term.until, term.business_days) for term in self.earlier_terms.get(clock, ())]
        return list(clock_history.list_segments(self.country, clock, self.clocks[clock].business_days, earlier))

    def facts(self) -> list[ProfileFact]:
        """Return every fact, in the order of the model."""
        return list(list_facts("", self))

    def texts(self) -> Iterator[tuple[str, set[str]]]:
        """Yield the path and the languages of every text by language."""
        yield from list_texts("", self)
        if self.help_page:
            yield HELP_PAGE, set(self.help_page)

    def untranslated(self) -> Iterator[tuple[str, str]]:
        """Yield the path and the language of every text that lacks a language of the profile."""
        for path, written in self.texts():
            yield from ((path, tag) for tag in self.languages if tag not in written)

    def unconfirmed(self) -> list[ProfileFact]:
        """Return every fact that a lawyer has not yet confirmed, in the order of the model."""
        return [fact for fact in self.facts() if not fact.confirmed]


def unconfirmed(profile: Profile) -> list[ProfileFact]:
    """Return every fact of a profile that a lawyer has not yet confirmed."""
    return profile.unconfirmed()


def parse(text: str, name: str) -> Profile:
    """Parse the TOML text of a profile; raises BadInput with every fault."""
    return check(parse_toml(text, name), name)


def parse_toml(text: str, name: str) -> dict[str, object]:
    """Return the tree of a TOML text; raises BadInput if it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise BadInput(Fault(f"is not TOML ({problem})", "correct it", file=name)) from problem


def check(tree: dict[str, object], name: str) -> Profile:
    """Return the profile of parsed TOML; raises BadInput with every fault."""
    try:
        return Profile.model_validate(tree)
    except ValidationError as problem:
        raise BadInput(_fault(dict(error), name) for error in problem.errors()) from problem


def available() -> list[str]:
    """Return the country codes with a profile."""
    return countries()


def load_profile(country: str) -> Profile:
    """Return the profile of a country: laws, hotline, deadlines, thresholds.

    Parameters
    ----------
    country : str
        ISO 3166 alpha-2 code in any case, such as `kz`.

    Returns
    -------
    Profile
        Each fact names its source and whether a lawyer has confirmed it.

    Raises
    ------
    BadInput
        If there is no profile of the country.

    Examples
    --------
    >>> load_profile("kz").hotline.confirmed in (True, False)
    True
    """
    return read_profile(find_pack(country))


@cache
def read_profile(pack: Pack) -> Profile:
    """Return the profile of a pack; raises BadInput with every fault.

    The code lists of the same pack apply.
    """
    with using(pack):
        return check(_read_tree(pack), PARTS[0])


def _read_tree(pack: Pack) -> dict[str, object]:
    """Return the parsed files of a profile as one tree; each part is in one file only."""
    tree: dict[str, object] = {}
    for name in (part for part in PARTS if pack.has(part)):
        part = parse_toml(pack.read_text(name), name)
        if repeated := tree.keys() & part.keys():
            fault = Fault(f"{', '.join(sorted(repeated))} is in another file as well", "keep one", file=name)
            raise BadInput(fault)
        tree |= part
    return tree


ProfileState = tuple[Pack, tuple[corrections.Correction, ...], tuple[confirmations.Confirmation, ...], date | None]


def active_state() -> ProfileState:
    """Return what the active profile follows from; while it is equal, so is the profile.

    The day counts only where a fact was corrected or confirmed.
    """
    corrected, confirmed = corrections.read_home(), tuple(confirmations.read_home().values())
    return active_pack(), corrected, confirmed, date.today() if corrected or confirmed else None


def active() -> Profile:
    """Return the profile of this installation, from its pack: by default Kazakhstan's.

    Facts that the installation corrected or confirmed on the page of the law are corrected or confirmed.
    """
    pack, corrected, confirmed, on = active_state()
    return _installed_profile(pack, corrected, confirmed, on) if on else read_profile(pack)


@lru_cache(maxsize=4)
def _installed_profile(
    pack: Pack,
    corrected: tuple[corrections.Correction, ...],
    confirmed: tuple[confirmations.Confirmation, ...],
    on: date,
) -> Profile:
    profile = corrections.correct(read_profile(pack), corrected, on)
    return confirmations.confirm(profile, {row.path: row for row in confirmed})


# error type of pydantic -> problem and remedy
_SENTENCES = {
    "extra_forbidden": ("is not a key of a profile", "remove it or correct its spelling"),
    "missing": ("is missing", "add it"),
}


def _fault(error: dict[str, Any], name: str) -> Fault:
    where = ".".join(map(str, error["loc"])) or "profile"
    message = str(error["msg"]).removeprefix("Value error, ")
    what, todo = _SENTENCES.get(error["type"], (message[:1].lower() + message[1:], "correct it"))
    return Fault(f"{where} {what}" if error["type"] in _SENTENCES else f"{where}: {what}", todo, file=name)


__all__ = ["Profile", "ProfileFact", "TranslatedText", "active", "available", "load_profile", "parse", "unconfirmed"]
