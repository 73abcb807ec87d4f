"""The page of an evaluation: one file that stands alone, for those who decide whether records may be published."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from kerege import __version__
from kerege.evidence.synthesis import charts
from kerege.evidence.synthesis.evaluation import Evaluation, epsilon_of, guarantee
from kerege.evidence.synthesis.privacy import Inference
from kerege.evidence.synthesis.quality import Errors, Length
from kerege.evidence.synthesis.spread import Step
from kerege.evidence.synthesis.verdicts import HIGH, SOME, Verdict, percent

NAMES = {1: "single values", 2: "pairs", 3: "triples"}
HERE = Path(__file__)


def page(found: Evaluation) -> str:
    """HTML without script, fonts or pictures from elsewhere."""
    quality, bands = found.quality, zip(*(each.bands for each in found.quality.lengths), strict=True)
    names = [named(each.length) for each in quality.lengths]
    some = [each for each in quality.lengths if each.errors.combinations]
    facts = (_promise(found), _attacks(found), _exactness(found))
    what = (
        f"{quality.synthetic_rows:,} synthetic records of {len(quality.columns)} columns, compared with the "
        f"{quality.rows:,} real ones of {_name(found.original.path)} that they stand for."
    )
    if advice := (found.certificate or {}).get("advice"):
        what += f"</p>\n<p><b>Not worth publishing, says the certificate:</b> {escape(str(advice))}."
    return Template(HERE.with_suffix(".html").read_text(encoding="utf-8")).substitute(
        style=HERE.with_suffix(".css").read_text(encoding="utf-8"),
        name=_name(found.synthetic.path),
        what=what,
        facts="\n".join(map(_fact, facts)),
        risks=_risks(found),
        lengths="\n".join(_length(each, found.spread[each.length]) for each in some),
        figures=_table("Error by length", HEADS, map(figures, quality.lengths)),
        bands=_table(
            "Error by count",
            ("people", *names),
            ([band_name(each[0].least, each[0].most), *map(both, each)] for each in bands),
        ),
        made=_made(found),
    )  # fmt: skip


def _name(path: str) -> str:
    return escape(Path(path).name)


def _fact(told: tuple[str, str, str]) -> str:
    title, number, words = (escape(each) for each in told)
    return f'<div class="card fact"><h2>{title}</h2><b>{number}</b>{words}</div>'


def _promise(found: Evaluation) -> tuple[str, str, str]:
    """What the certificate claims."""
    title, claimed, epsilon = "The promise", guarantee(found.certificate), epsilon_of(found.certificate)
    if epsilon is None:
        return title, "none", "There is no certificate beside the file: nothing limits what it may give away."
    if claimed.get("private") is not True:
        return title, "not private", "The noise of this file can be repeated. It is for tests: do not publish it."
    delta = claimed.get("delta")
    but = f" (but for a chance of {delta:.1g})" if isinstance(delta, float) else ""
    odds = f"The odds that somebody is in the data change at most {math.exp(min(epsilon, 50)):,.1f} times{but}."
    return title, f"ε = {epsilon:g}", f"{odds} Protected: {claimed.get('unit', 'one record')}."


def _attacks(found: Evaluation) -> tuple[str, str, str]:
    """What all attacks together come to."""
    title, levels = "The attacks", [each.level for each in found.verdicts]
    if found.privacy is None:
        return title, "not run", f"The risks were not measured: {found.unmeasured}."
    shown = sum(each in (SOME, HIGH) for each in levels)
    if not shown:
        return title, "nothing shown", f"None of {len(levels)} tests shows that anybody is exposed."
    return title, f"{shown} of {len(levels)}", f"tests show a risk, {levels.count(HIGH)} of them a high one."


def _exactness(found: Evaluation) -> tuple[str, str, str]:
    """The error of the longest combinations."""
    last = found.quality.lengths[-1]
    if last.errors.mean is None:
        return "The counts", "none", "The real data has no combination to compare."
    words = f"people is the mean error of a count of {named(last.length)}; {share(last.missing_share)} are missing."
    return "The counts", f"± {last.errors.mean:,.1f}", words


def _risks(found: Evaluation) -> str:
    if found.privacy is None:
        return ""
    how = "The attacks are on this file; they are compared with real rows that it was not made from."
    if found.privacy.refitted:
        how = (
            "For the attacks a file was made in the same way from four fifths of the real rows, so that they can be "
            "compared with the other fifth."
        )
    rows = f"{found.privacy.rows:,} rows in the data, {found.privacy.controls:,} to compare with."
    cards = "\n".join(map(_verdict, found.verdicts))
    head = f'<h2>What an attacker learns</h2>\n<p class="note">{how} {rows}</p>'
    return f'{head}\n<div class="cards risks">\n{cards}\n</div>\n{_by_column(found.privacy.inference)}'


def _by_column(found: Inference | None) -> str:
    """The risk of learning each attribute, folded away."""
    if found is None:
        return ""
    heads = ("column", "in the data", "others", "risk", "95% interval")
    rows = [
        (name, percent(each.attack.share), percent(each.control.share), percent(max(0.0, each.risk)),
         f"{percent(max(0.0, each.low))} to {percent(max(0.0, each.high))}")
        for name, each in sorted(found.columns.items(), key=lambda item: -item[1].low)
    ]  # fmt: skip
    note = f"Guessed rightly, of those who report it. Of {len(rows)} intervals one in twenty misses by chance."
    return (
        f'<details><summary>Learning an attribute, column by column</summary><p class="note">{note}</p>'
        f"{_table('Risk by column', heads, rows)}</details>"
    )


def _verdict(each: Verdict) -> str:
    picture = ""
    if each.value is not None and each.low is not None and each.high is not None:
        value, low, high = (percent(max(0.0, share)) for share in (each.value, each.low, each.high))
        words = f"Risk {value}, 95% interval {low} to {high}"
        picture = charts.interval(each.low, each.value, each.high, words)
    badge = f'<span class="badge {each.level.replace(" ", "-")}">{escape(each.level)}</span>'
    return f'<div class="card">{badge}<h3>{escape(each.risk)}</h3>{picture}<p>{escape(each.sentence)}</p></div>'


def _length(each: Length, steps: Sequence[Step]) -> str:
    name, errors = named(each.length), each.errors
    points = [(step.true, step.low, step.middle, step.high) for step in steps]
    rows = [
        (band_name(band.least, band.most), band.relative_mean, share(band.relative_mean))
        for band in each.bands
        if band.relative_mean is not None
    ]
    kept = [
        ("of the real ones", each.missing_share or 0.0, f"{share(each.missing_share)} missing"),
        ("of the synthetic ones", each.fabricated_share or 0.0, f"{share(each.fabricated_share)} made up"),
    ]
    words = f"{errors.combinations:,} in the data, wrong by {number(errors.mean)} people on average"
    return "\n".join(
        [
            f'<section class="card"><h3>{name.capitalize()}</h3><p class="note">{words}</p>',
            charts.agreement(points, f"Synthetic against true counts of {name}"),
            '<p class="note">Mean error as a share of the true count, by how many people share the combination</p>',
            charts.bars(rows, f"Relative error of {name} by true count"),
            charts.shares(kept, f"{name}: {kept[0][2]}, {kept[1][2]}"),
            "</section>",
        ]
    )


def _table(what: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(what)}">{table}</div>'


def _made(found: Evaluation) -> str:
    files = "".join(
        f"<br>{what}: <code>{_name(each.path)}</code>, SHA-256 <code>{each.sha256}</code>"
        for what, each in (("Real rows", found.original), ("Synthetic records", found.synthetic))
    )
    return f"Kerege {__version__}, combinations of up to {found.order} values, seed {found.seed}.{files}"


# ---- in words, for the terminal too

HEADS = ("combinations", "number", "error", "median", "relative", "median", "missing", "made up", "distance")


def named(length: int) -> str:
    """Combinations by how many values they have."""
    return NAMES.get(length, f"{length} values together")


def band_name(least: int, most: int | None) -> str:
    """Counts from and to."""
    return f"{least:,}+" if most is None else f"{least:,}–{most:,}"


def figures(each: Length) -> list[str]:
    """A row under HEADS."""
    errors = each.errors
    return [
        named(each.length), f"{errors.combinations:,}", number(errors.mean), number(errors.median),
        share(errors.relative_mean), share(errors.relative_median), share(each.missing_share),
        share(each.fabricated_share), f"{each.distance:.3f}",
    ]  # fmt: skip


def both(errors: Errors) -> str:
    """An error in people and as a share."""
    return f"{number(errors.mean)} ({share(errors.relative_mean)})" if errors.combinations else ""


def number(value: float | None) -> str:
    """People, to a tenth."""
    return "" if value is None else f"{value:,.1f}"


def share(value: float | None) -> str:
    """A share in percent."""
    return "" if value is None else f"{value:.0%}"
