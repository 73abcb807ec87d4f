"""Records made anew from other rows by what a certificate says: for evaluation inside, never published."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.evidence.dp.gaussian_noise import discrete_gaussian
from kerege.evidence.synthesis.cohorts.budget_series import FIRST, REVISION, REVISIONS, UNREPORTED
from kerege.evidence.synthesis.generation.isolated_fit import NOBODY, fitted
from kerege.evidence.synthesis.k_anonymity.assemble import k_anonymous
from kerege.evidence.synthesis.k_anonymity.single_use import METHOD
from kerege.evidence.synthesis.measurement import measure, public_schema
from kerege.evidence.synthesis.measurement.combined_counts import joined
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.pipeline import decoded, for_unlisted, loss, unlisted
from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.request import Request, check

UNTOLD = "the certificate does not say by what the file was made"
OTHERS = "the certificate is of other columns than the file has"
TOO_FEW = "fewer rows than k are left when a fifth is held back"


class NotAnew(BadInput):
    """Records cannot be made anew; `why` is one of the sentences above, which the page has in every language."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(Fault(why, "give other rows by --control"))


def refit(frame: pl.DataFrame, certificate: dict[str, Any], seed: int) -> pl.DataFrame:
    """Make records anew from other rows in the way that a certificate tells; raises NotAnew when it does not.

    What was not listed is found anew; each cohort is measured by itself as in its first release, and again for each of
    its revisions, of the rows as they are now, since nobody keeps earlier ones: otherwise the attacks would be on
    another mechanism than the one that made the file. A k-anonymous file has its own seed.
    """
    try:
        if certificate["guarantee"].get("kind") == METHOD:
            return _anonymous(frame, certificate)
        request, public, by = _told(certificate, seed)
    except (KeyError, TypeError, AttributeError):
        raise NotAnew(UNTOLD) from None
    if not {column.name for column in public} <= set(frame.columns):
        raise NotAnew(OTHERS)
    rho = loss(request, unlisted=unlisted(tuple(column for column in public if column.name != by)))
    if not by:
        return _records(frame, request, public, rho)
    return _cohorts(frame, request, public, by, rho, _revisions(certificate))


def _told(certificate: dict[str, Any], seed: int) -> tuple[Request, Schema, str]:
    """What was asked for, the columns and that of the cohorts, '' when there are none; no values where none is public.

    Raises NotAnew for numbers, words and columns that no request has.
    """
    asked = certificate["request"]
    request = Request((), asked["epsilon"], asked["delta"], asked["preset"], seed, "", asked["order"])
    by = asked.get("cohorts", "")
    try:
        check(request)
        public = public_schema.parsed(certificate["schema"])
    except BadInput:  # also a listed column that names no values: blanks would be attacked
        raise NotAnew(UNTOLD) from None
    if by and (len(public) < 2 or by not in {column.name for column in public if not column.multi}):
        raise NotAnew(UNTOLD)
    return request, tuple(replace(column, values=()) if column.open else column for column in public), by


def _revisions(certificate: dict[str, Any]) -> dict[str, int]:
    """How often each cohort was revised; raises NotAnew when that is no number."""
    try:
        found = {each["value"]: each["revision"] for each in certificate["cohorts"]}
    except (KeyError, TypeError):
        raise NotAnew(UNTOLD) from None
    if not all(isinstance(number, int) and 0 <= number <= REVISIONS for number in found.values()):
        raise NotAnew(UNTOLD)
    return found


def _records(
    frame: pl.DataFrame, request: Request, public: Schema, rho: float, again: float = 0.0, revisions: int | None = None
) -> pl.DataFrame:
    """Measure rows and make records of it.

    Of a cohort, which has a number of `revisions`, for each of them measure once more, for a loss of `again`, join what
    was measured, and change the records by it; there are none where nobody stands out.
    """
    preset, delta = PRESETS[request.preset], for_unlisted(request, public)
    rows, _ = public_schema.kept(frame, public)
    spending = measure.plan(rho, min(request.order, public_schema.width(public)), preset.thresholds, delta)
    noisy, public = measure.measure(rows, public, spending, discrete_gaussian)
    if revisions is None:
        return decoded(fitted(noisy, preset.charge, request.seed), public)
    records = NOBODY if noisy.nobody else fitted(noisy, preset.charge, request.seed)
    if revisions:
        public = tuple(replace(column, source=public_schema.FILE) for column in public)
        rows, _ = public_schema.kept(frame, public)
    for _ in range(revisions):
        noisy = joined(noisy, measure.again(rows, public, noisy, again, discrete_gaussian))
        start = records if records.people else None
        records = NOBODY if noisy.nobody else fitted(noisy, preset.charge, request.seed, before=start)
    return decoded(records, public)


def _cohorts(
    frame: pl.DataFrame, request: Request, public: Schema, by: str, rho: float, revisions: dict[str, int]
) -> pl.DataFrame:
    """The records of each cohort that has rows, in the order of the schema; those that report none are UNREPORTED."""
    rows, _ = public_schema.kept(frame, public)
    rest = tuple(column for column in public if column.name != by)
    parts = []
    for (value,), part in sorted(rows.partition_by(by, as_dict=True).items(), key=lambda each: str(each[0])):
        revised = revisions.get(str(value or UNREPORTED), 0)
        made = _records(part, request, rest, rho * FIRST, rho * REVISION, revised)
        parts.append(made.with_columns(pl.lit(value, pl.String).alias(by)))
    return pl.concat(parts).select([column.name for column in public])


def _anonymous(frame: pl.DataFrame, certificate: dict[str, Any]) -> pl.DataFrame:
    """Records of which the same k is promised."""
    asked, several = certificate["request"], {each["name"] for each in certificate["columns"] if each["multi"]}
    k, order, names, seed = (asked[name] for name in ("k", "order", "columns", "seed"))
    if not all(isinstance(number, int) for number in (k, order, seed)):
        raise NotAnew(UNTOLD)
    if not set(names) <= set(frame.columns):
        raise NotAnew(OTHERS)
    if k > frame.height:
        raise NotAnew(TOO_FEW)
    return k_anonymous(frame.select(names), k, order, multi=frozenset(several), seed=seed).frame
