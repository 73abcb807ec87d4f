"""Regeneration of synthetic records from other rows by their certificate, for evaluation only.

Never publish them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.evidence.dp.gaussian_noise import discrete_gaussian
from kerege.evidence.synthesis.certificate import bound_false_values
from kerege.evidence.synthesis.cohorts.budget_series import FIRST, REVISION, REVISIONS, UNREPORTED
from kerege.evidence.synthesis.generation.isolated_fit import NOBODY, fit_in_process
from kerege.evidence.synthesis.generation.records import decode_records
from kerege.evidence.synthesis.k_anonymity.assemble import k_anonymous
from kerege.evidence.synthesis.k_anonymity.single_use import METHOD
from kerege.evidence.synthesis.measurement import measure, public_schema
from kerege.evidence.synthesis.measurement.combined_counts import combine_measurements
from kerege.evidence.synthesis.measurement.noisy_counts import FALSE_VALUES
from kerege.evidence.synthesis.measurement.private_edges import share_of_edges
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.pipeline import compute_loss, has_unlisted_values, unlisted_delta
from kerege.evidence.synthesis.presets import LOOK, PRESETS
from kerege.evidence.synthesis.request import Request, check

UNTOLD = "the certificate does not say by what the file was made"
OTHERS = "the certificate is of other columns than the file has"
TOO_FEW = "fewer rows than k are left when a fifth is held back"


class NotAnew(BadInput):
    """Error: records cannot be regenerated.

    `why` is one of the sentences above; the report page translates them.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(Fault(why, "give other rows by --control"))


def refit(frame: pl.DataFrame, certificate: dict[str, Any], seed: int) -> pl.DataFrame:
    """Regenerate records from other rows by the method of a certificate, for evaluation only.

    The steps repeat the mechanism that made the file, so that the attacks test the same mechanism. Unlisted values are
    found again. Each cohort is measured by itself, once for its first release and once for each revision, always on the
    current rows because earlier rows are not kept. Private bins keep the edges of the certificate. Never publish the
    result.

    Parameters
    ----------
    frame : DataFrame
        Rows of people, with the columns of the certificate.
    certificate : dict
        Certificate of a synthetic file (JSON).
    seed : int
        Seed of the fit to the noisy counts; the noise has none. A k-anonymous file uses the seed of its certificate.

    Returns
    -------
    DataFrame
        Synthetic records of text, or lists of text; null is *not reported*.

    Raises
    ------
    NotAnew
        If the certificate lacks the parameters, is of other columns than the rows, or fewer rows than k are left. It is
        a BadInput.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["female", "male"] * 40, "form": ["labour", "sexual"] * 40})
    >>> columns = [{"name": name, "multi": False} for name in rows.columns]
    >>> parameters = {"k": 10, "order": 2, "columns": rows.columns, "seed": 0}
    >>> certificate = {"guarantee": {"kind": METHOD}, "columns": columns, "request": parameters}
    >>> refit(rows, certificate, seed=1).height
    80
    """
    try:
        if certificate["guarantee"].get("kind") == METHOD:
            return _refit_anonymous(frame, certificate)
        request, public, cohort_column = _read_request(certificate, seed)
    except (KeyError, TypeError, AttributeError):
        raise NotAnew(UNTOLD) from None
    if not {column.name for column in public} <= set(frame.columns):
        raise NotAnew(OTHERS)
    rho = compute_loss(
        request, unlisted=has_unlisted_values(tuple(column for column in public if column.name != cohort_column))
    ) * (1 - share_of_edges(public))
    if not cohort_column:
        share = 1 - LOOK if certificate["request"].get("auto") else 1.0
        return _refit_rows(frame, request, public, rho * share)
    return _refit_cohorts(
        frame,
        request,
        public=public,
        cohort_column=cohort_column,
        rho=rho,
        revisions=_revisions(certificate),
        false_values=bound_false_values(certificate),
    )


def _read_request(certificate: dict[str, Any], seed: int) -> tuple[Request, Schema, str]:
    """Return the request, the columns (open ones without values) and the cohort column or ''.

    Raise NotAnew for parameters and columns that are not valid.
    """
    parameters = certificate["request"]
    request = Request(
        columns=(),
        epsilon=parameters["epsilon"],
        delta=parameters["delta"],
        preset=parameters["preset"],
        seed=seed,
        period="",
        order=parameters["order"],
    )
    cohort_column = parameters.get("cohorts", "")
    try:
        check(request)
        public = public_schema.parse_schema(certificate["schema"])
    except BadInput:  # this includes a listed column without values: regenerated records would be blank there
        raise NotAnew(UNTOLD) from None
    if cohort_column and (
        len(public) < 2 or cohort_column not in {column.name for column in public if not column.multi}
    ):
        raise NotAnew(UNTOLD)
    return request, tuple(replace(column, values=()) if column.open else column for column in public), cohort_column


def _revisions(certificate: dict[str, Any]) -> dict[str, int]:
    """Return the number of revisions by cohort. Raise NotAnew if it is missing or not valid."""
    try:
        revisions = {cohort["value"]: cohort["revision"] for cohort in certificate["cohorts"]}
    except (KeyError, TypeError):
        raise NotAnew(UNTOLD) from None
    if not all(isinstance(number, int) and 0 <= number <= REVISIONS for number in revisions.values()):
        raise NotAnew(UNTOLD)
    return revisions


def _refit_rows(
    frame: pl.DataFrame,
    request: Request,
    public: Schema,
    rho: float,
    again: float = 0.0,
    revisions: int | None = None,
    false_values: float = FALSE_VALUES,
) -> pl.DataFrame:
    """Measure rows for a loss of `rho` and return records made from the noisy counts.

    For a cohort `revisions` is a number. Each revision measures once more for a loss of `again`, combines the counts
    and changes the records. A cohort whose counts look like noise has no records. `false_values` bounds the expected
    number of values that nobody has.
    """
    preset, delta = PRESETS[request.preset], unlisted_delta(request, public)
    rows, _ = public_schema.keep_listed_values(frame, public)
    spending = measure.plan(rho, min(request.order, public_schema.width(public)), preset.thresholds, delta)
    noisy, public = measure.measure(rows, public, spending, discrete_gaussian)
    noisy = replace(noisy, false_values=false_values)
    if revisions is None:
        return decode_records(fit_in_process(noisy, preset.charge, request.seed), public)
    records = NOBODY if noisy.nobody else fit_in_process(noisy, preset.charge, request.seed)
    if revisions:
        public = tuple(replace(column, source=public_schema.FILE) for column in public)
        rows, _ = public_schema.keep_listed_values(frame, public)
    for _ in range(revisions):
        noisy = combine_measurements(noisy, measure.repeat_measurement(rows, public, noisy, again, discrete_gaussian))
        start = records if records.people else None
        records = NOBODY if noisy.nobody else fit_in_process(noisy, preset.charge, request.seed, before=start)
    return decode_records(records, public)


def _refit_cohorts(
    frame: pl.DataFrame,
    request: Request,
    public: Schema,
    cohort_column: str,
    rho: float,
    revisions: dict[str, int],
    false_values: float,
) -> pl.DataFrame:
    """Return the records of all cohorts with rows, with columns in the order of the schema.

    Rows without a cohort value form the cohort UNREPORTED.
    """
    rows, _ = public_schema.keep_listed_values(frame, public)
    other_columns = tuple(column for column in public if column.name != cohort_column)
    parts = []
    for (value,), part in sorted(rows.partition_by(cohort_column, as_dict=True).items(), key=lambda item: str(item[0])):
        revised = revisions.get(str(value or UNREPORTED), 0)
        records = _refit_rows(
            part,
            request,
            public=other_columns,
            rho=rho * FIRST,
            again=rho * REVISION,
            revisions=revised,
            false_values=false_values,
        )
        parts.append(records.with_columns(pl.lit(value, pl.String).alias(cohort_column)))
    return pl.concat(parts).select([column.name for column in public])


def _refit_anonymous(frame: pl.DataFrame, certificate: dict[str, Any]) -> pl.DataFrame:
    """Return k-anonymous records with the parameters of the certificate."""
    parameters, multi_valued = (
        certificate["request"],
        {column["name"] for column in certificate["columns"] if column["multi"]},
    )
    k, order, names, seed = (parameters[name] for name in ("k", "order", "columns", "seed"))
    if not all(isinstance(number, int) for number in (k, order, seed)):
        raise NotAnew(UNTOLD)
    if not set(names) <= set(frame.columns):
        raise NotAnew(OTHERS)
    if k > frame.height:
        raise NotAnew(TOO_FEW)
    return k_anonymous(frame.select(names), k, order, multi=frozenset(multi_valued), seed=seed).frame
