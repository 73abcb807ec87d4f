"""`kerege estimate`: multiple systems estimation of the persons on no list, by several methods."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file, output_faults
from kerege.cli.file_options import EncodingOption
from kerege.evidence.data.periods import list_years

if TYPE_CHECKING:
    from kerege.cli.estimate_snapshot import SnapshotStrata
    from kerege.evidence.mse import Lists

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
ALIASES = {"loglinear": "stepwise", "dga": "decomposable"}
RATE_FORMS = "write --missed-link-rate 0.1 or --missed-link-rate LIST=0.1"
LEAST_CHANCE, WIDEST = 0.1, 6.0  # settings of the headline


@app.command()
def estimate(
    lists: Annotated[
        Path, typer.Argument(help="CSV of 0/1 columns and count, or one row per person; or a snapshot (Parquet).")
    ],
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="Only: stepwise, bic, decomposable, lcmcr, independence, lower_bound, thresholding, aic, mth_chao, "
            "mth_poisson, mth_darroch, mth_gamma, marginal_pairs, marginal_triples."
        ),
    ] = None,
    bootstrap: Annotated[int, typer.Option(help="Number of resamples; the model is selected anew in each.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 1,
    missed_link_rate: Annotated[
        list[str] | None, typer.Option(help="Correct for missed links: R of all pairs, or LIST=R of a list's records.")
    ] = None,
    false_link_rate: Annotated[float, typer.Option(help="Correct for this rate of false links.")] = 0.0,
    linkage_rates: Annotated[
        bool, typer.Option(help="Use the error rates, or the draws of the linkage, beside the lists.")
    ] = True,
    period: Annotated[str, typer.Option(help="For a snapshot: the closed period, 2025 or 2021/2025.")] = "",
    lists_used: Annotated[str, typer.Option("--lists", help="Columns that are lists: a,b,c. All, if not given.")] = "",
    referrals_out: Annotated[
        bool | None,
        typer.Option(
            "--referrals-out/--referrals-in", help="Whether a person sent from one list to another counts once."
        ),
    ] = None,
    linkage_reviewed: Annotated[
        bool | None,
        typer.Option("--linkage-reviewed/--linkage-not-reviewed", help="Whether people reviewed the uncertain links."),
    ] = None,
    lists_compete: Annotated[
        bool | None,
        typer.Option(
            "--lists-compete/--lists-do-not-compete", help="For two lists: whether one takes people from the other."
        ),
    ] = None,
    least_chance: Annotated[
        float, typer.Option(help="Condition of the upper figure: least chance of coming onto a list.")
    ] = LEAST_CHANCE,
    widest: Annotated[
        float, typer.Option(help="No upper figure if it is more than this number of times the lower one.")
    ] = WIDEST,
    outside: Annotated[
        list[str] | None, typer.Option(help='An estimate by others, to print beside: "SOURCE, 8000, 5000-14000".')
    ] = None,
    by: Annotated[str, typer.Option(help="For a snapshot: an answer for each sex,age_group,... too.")] = "",
    population: Annotated[
        Path | None, typer.Option(help="CSV of columns of --by and population: rates per 100,000.")
    ] = None,
    show_methods: Annotated[
        bool, typer.Option("--methods", help="Print all methods and the sensitivity; draw them with --chart.")
    ] = False,
    chart: Annotated[Path | None, typer.Option(help="Draw the headline: FILE.svg.")] = None,
    lang: Annotated[str, typer.Option(help="Language of words and chart: kk, ru or en.")] = "en",
    encoding: EncodingOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Estimate how many people no list has, from how the lists overlap; or say why there is no estimate."""
    from kerege.cli import estimate_output as output
    from kerege.evidence.mse.headline.headline import SNAPSHOT_REFERRALS_OUT, HeadlineSettings
    from kerege.evidence.mse.panels.panel import panel

    output.check_language(lang)  # rejects an unknown language before the work begins
    if chart:
        _check_chart(chart, lists)
    covariates = _split(by)
    _check_strata(lists, covariates, population)
    table, strata = _read_lists(
        lists, period, _split(lists_used), covariates=covariates, population=population, encoding=encoding
    )
    if lists.suffix.lower() == ".parquet" and referrals_out is None:
        referrals_out = SNAPSHOT_REFERRALS_OUT
    miss = _missed_link_rates(missed_link_rate or [])
    is_measured = linkage_rates and not miss and not false_link_rate
    rates, draws = output.read_linkage(lists, table) if is_measured else (None, [])
    settings = HeadlineSettings(referrals_out, linkage_reviewed, least_chance, widest, lists_compete)
    others = output.parse_outside_estimates(outside or [])
    methods = [ALIASES.get(name, name) for name in method or []]
    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=1.0)
        result = panel(
            table,
            methods=methods,
            times=bootstrap,
            seed=seed,
            miss=miss,
            false_link=false_link_rate,
            rates=rates,
            draws=draws,
            settings=settings,
            progress=lambda share, what: bar.update(task, completed=share, description=what),
        )
    answered = strata.answer(result) if strata else None
    if answered:
        result = answered.panel
    if chart:
        with atomic_file(chart, shared=True) as part:
            part.write_text(output.draw_chart(result, others, lang, show_methods=show_methods), encoding="utf-8")
        print(f"{chart} is written", file=sys.stderr)
    if as_json:
        document = output.build_document(result, others, lang)
        if answered:
            document["strata"] = answered.answers.as_dict()
        print(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    beside = answered.describe_shift(lang) if answered else []
    output.print_estimate(result, others, lang, show_methods=show_methods, beside=beside, years=len(list_years(period)))
    if answered:
        answered.print(lang)


def _split(names: str) -> list[str]:
    """Return the names of an option, which are separated by commas."""
    return [name.strip() for name in names.split(",") if name.strip()]


def _check_strata(lists: Path, covariates: Sequence[str], population: Path | None) -> None:
    """Raise BadInput if strata are asked for without a snapshot, or a population without strata."""
    if covariates and lists.suffix.lower() != ".parquet":
        raise BadInput(Fault("--by applies to a snapshot only", "leave it out, or give a snapshot", str(lists)))
    if population and not covariates:
        raise BadInput(Fault("--population has no strata", "name the covariates: --by sex,age_group"))


def _read_lists(
    path: Path,
    period: str,
    names: Sequence[str],
    *,
    covariates: Sequence[str],
    population: Path | None,
    encoding: str,
) -> tuple[Lists, SnapshotStrata | None]:
    """Return the lists of a table or a snapshot, and the strata of a snapshot if there are any."""
    if path.suffix.lower() != ".parquet":
        from kerege.evidence.mse.list_files import read_lists

        if period:
            raise BadInput(Fault("--period applies to a snapshot only", "leave it out, or give a snapshot"))
        return read_lists(path, names, encoding), None
    from kerege.cli import estimate_snapshot

    strata = estimate_snapshot.read_strata(
        path, period, names=names, by=covariates, population=population, encoding=encoding
    )
    return estimate_snapshot.read_snapshot_lists(path, period, names), strata


def _check_chart(chart: Path, lists: Path) -> None:
    if faults := output_faults(chart, [lists], str(chart)):
        raise BadInput(faults)
    if chart.suffix.lower() != ".svg":
        raise BadInput(Fault("is not the name of an image file", "name it FILE.svg", str(chart)))


def _missed_link_rates(options: list[str]) -> dict[str, float]:
    """Return missed link rates by list name; the rate of all pairs has the name ''."""
    rates: dict[str, float] = {}
    for text in options:
        name, sign, rate = text.rpartition("=")
        try:
            value = float(rate)
        except ValueError:
            raise BadInput(Fault(f"--missed-link-rate {text} is not a share", RATE_FORMS)) from None
        if sign and not name:
            raise BadInput(Fault(f"--missed-link-rate {text} names no list", RATE_FORMS))
        if name in rates:
            raise BadInput(Fault(f"--missed-link-rate {text} is given twice", "give one share for each list"))
        rates[name] = value
    return rates
