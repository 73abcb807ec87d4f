"""The page of an evaluation: one file that stands alone, for those who decide whether records may be published."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from kerege import __version__
from kerege.evidence.synthesis.evaluation import page_charts
from kerege.evidence.synthesis.evaluation.attacks import Inference
from kerege.evidence.synthesis.evaluation.count_spread import Step
from kerege.evidence.synthesis.evaluation.evaluate import Evaluation, epsilon_of, guarantee
from kerege.evidence.synthesis.evaluation.messages import ENGLISH, Words, words
from kerege.evidence.synthesis.evaluation.risk_ratings import HIGH, SOME, Verdict, verdicts
from kerege.evidence.synthesis.evaluation.utility import Errors, Length

HERE = Path(__file__)
PLAIN = ("inside", "exact", "exact_note", "figures", "figures_note", "bands_note", "read", "made")
HEADS = tuple(ENGLISH.texts["heads"].values())  # of the terminal, which speaks English


def page(found: Evaluation, lang: str = "en") -> str:
    """HTML in kk, ru or en, without script, fonts or pictures from elsewhere; raises BadInput for another language."""
    said = words(lang)
    told = verdicts(found.privacy, epsilon_of(found.certificate), said) if found.privacy else []
    some = [each for each in found.quality.lengths if each.errors.combinations]
    facts = (_promise(found, said), _attacks(found, told, said), _exactness(found, said))
    name = _name(found.synthetic.path)
    return Template(HERE.with_suffix(".html").read_text(encoding="utf-8")).substitute(
        {part: escape(said.say(f"page.{part}"), quote=False) for part in PLAIN},
        lang=lang,
        style=HERE.with_suffix(".css").read_text(encoding="utf-8"),
        title=said.say("page.title", name=name),
        heading=said.say("page.heading", name=name),
        what=_what(found, said),
        facts="\n".join(map(_fact, facts)),
        risks=_risks(found, told, said),
        lengths="\n".join(_length(each, found.spread[each.length], said) for each in some),
        by_length=_by_length(found, said),
        by_count=_by_count(found, said),
        explained="\n".join(
            f"<dt>{escape(what)}</dt>\n<dd>{escape(how)}</dd>" for what, how in said.texts["read"].items()
        ),
        how=_made(found, said),
    )


def _name(path: str) -> str:
    return escape(Path(path).name)


def _what(found: Evaluation, said: Words) -> str:
    quality = found.quality
    told = said.say(
        "page.what",
        synthetic=said.count(quality.synthetic_rows),
        columns=said.count(len(quality.columns)),
        rows=said.count(quality.rows),
        original=_name(found.original.path),
    )
    claimed = found.certificate or {}
    if advice := claimed.get("advice"):
        lead = said.say("page.advice" if claimed.get("worth") else "page.not_worth")
        told += f"</p>\n<p><b>{lead}</b> {escape(said.translated('advised', str(advice)))}."
    return told


def _fact(told: tuple[str, str, str]) -> str:
    title, number, then = (escape(each) for each in told)
    return f'<div class="card fact"><h2>{title}</h2><b>{number}</b>{then}</div>'


def _promise(found: Evaluation, said: Words) -> tuple[str, str, str]:
    """What the certificate claims."""
    title, claimed, epsilon = said.say("promise.title"), guarantee(found.certificate), epsilon_of(found.certificate)
    if epsilon is None:
        return title, said.say("promise.none"), said.say("promise.none_words")
    if claimed.get("holds") is not True:
        return title, said.say("promise.not_private"), said.say("promise.not_private_words")
    delta = claimed.get("delta")
    but = said.say("promise.but", delta=f"{delta:.1g}") if isinstance(delta, float) else ""
    unit = said.translated("unit", str(claimed.get("unit", "one record")))
    odds = said.say("promise.odds", times=said.count(math.exp(min(epsilon, 50)), 1), but=but, unit=unit)
    return title, f"ε = {said.trimmed(epsilon)}", odds


def _attacks(found: Evaluation, told: Sequence[Verdict], said: Words) -> tuple[str, str, str]:
    """What all attacks together come to."""
    title, levels = said.say("attacks.title"), [each.level for each in told]
    if found.privacy is None:
        why = said.translated("unmeasured", found.unmeasured)
        return title, said.say("attacks.not_run"), said.say("attacks.not_run_words", why=why)
    shown, tests = sum(each in (SOME, HIGH) for each in levels), str(len(levels))
    if not shown:
        return title, said.say("attacks.nothing"), said.say("attacks.nothing_words", tests=tests)
    number = said.say("attacks.some", shown=str(shown), tests=tests)
    return title, number, said.say("attacks.some_words", high=str(levels.count(HIGH)))


def _exactness(found: Evaluation, said: Words) -> tuple[str, str, str]:
    """The error of the longest combinations."""
    title, last = said.say("counts.title"), found.quality.lengths[-1]
    if last.errors.mean is None:
        return title, said.say("counts.none"), said.say("counts.none_words")
    then = said.say("counts.mean", name=named(last.length, said), missing=said.share(last.missing_share))
    return title, f"± {said.people(last.errors.mean)}", then


def _risks(found: Evaluation, told: Sequence[Verdict], said: Words) -> str:
    if found.privacy is None:
        return ""
    how = said.say("attacks.refitted" if found.privacy.refitted else "attacks.on_this")
    rows = said.say("attacks.rows", rows=said.count(found.privacy.rows), controls=said.count(found.privacy.controls))
    cards = "\n".join(_verdict(each, said) for each in told)
    head = f'<h2>{said.say("attacks.heading")}</h2>\n<p class="note">{how} {rows}</p>'
    return f'{head}\n<div class="cards risks">\n{cards}\n</div>\n{_by_column(found.privacy.inference, said)}'


def _by_column(found: Inference | None, said: Words) -> str:
    """The risk of learning each attribute, folded away."""
    if found is None:
        return ""
    heads = [said.say(f"attacks.{name}") for name in ("column", "inside", "others", "risk", "interval")]
    rows = [
        (
            name,
            *(said.percent(share) for share in (each.attack.share, each.control.share, max(0.0, each.risk))),
            said.say("attacks.to", low=said.percent(max(0.0, each.low)), high=said.percent(max(0.0, each.high))),
        )
        for name, each in sorted(found.columns.items(), key=lambda item: -item[1].low)
    ]
    note = said.say("attacks.by_column_note", rows=str(len(rows)))
    return (
        f'<details><summary>{said.say("attacks.by_column")}</summary><p class="note">{note}</p>'
        f"{_table(said.say('attacks.by_column_table'), heads, rows)}</details>"
    )


def _verdict(each: Verdict, said: Words) -> str:
    picture = ""
    if each.value is not None and each.low is not None and each.high is not None:
        value, low, high = (said.percent(max(0.0, share)) for share in (each.value, each.low, each.high))
        what = said.say("attacks.picture", value=value, low=low, high=high)
        picture = page_charts.interval(each.low, each.value, each.high, what)
    level = escape(said.translated("level", each.level))
    badge = f'<span class="badge {each.level.replace(" ", "-")}">{level}</span>'
    return f'<div class="card">{badge}<h3>{escape(each.risk)}</h3>{picture}<p>{escape(each.sentence)}</p></div>'


def _length(each: Length, steps: Sequence[Step], said: Words) -> str:
    name, errors = named(each.length, said), each.errors
    points = [(step.true, step.low, step.middle, step.high) for step in steps]
    rows = [
        (band_name(band.least, band.most, said), band.relative_mean, said.share(band.relative_mean))
        for band in each.bands
        if band.relative_mean is not None
    ]
    missing = said.say("counts.missing", share=said.share(each.missing_share))
    made_up = said.say("counts.made_up", share=said.share(each.fabricated_share))
    kept = [
        (said.say("counts.real"), each.missing_share or 0.0, missing),
        (said.say("counts.synthetic"), each.fabricated_share or 0.0, made_up),
    ]
    in_data = said.say("counts.in_data", count=said.count(errors.combinations), error=said.people(errors.mean))
    names = said.say("counts.along"), said.say("counts.up")
    return "\n".join(
        [
            f'<section class="card"><h3>{name.capitalize()}</h3><p class="note">{in_data}</p>',
            page_charts.agreement(points, said.say("counts.agreement", name=name), names),
            f'<p class="note">{said.say("counts.relative_note")}</p>',
            page_charts.bars(rows, said.say("counts.relative", name=name)),
            page_charts.shares(kept, f"{name}: {missing}, {made_up}"),
            "</section>",
        ]
    )


def _by_length(found: Evaluation, said: Words) -> str:
    rows = (figures(each, said) for each in found.quality.lengths)
    return _table(said.say("counts.by_length"), said.texts["heads"].values(), rows)


def _by_count(found: Evaluation, said: Words) -> str:
    names = [named(each.length, said) for each in found.quality.lengths]
    bands = zip(*(each.bands for each in found.quality.lengths), strict=True)
    rows = ([band_name(each[0].least, each[0].most, said), *(both(one, said) for one in each)] for each in bands)
    return _table(said.say("counts.by_count"), (said.say("counts.people"), *names), rows)


def _table(what: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(what)}">{table}</div>'


def _made(found: Evaluation, said: Words) -> str:
    real, made = (f"<code>{_name(each.path)}</code>" for each in (found.original, found.synthetic))
    files = (
        f"<br>{said.say('page.real_rows')}: {real}"
        f"<br>{said.say('page.synthetic_records')}: {made}, SHA-256 <code>{found.synthetic.sha256}</code>"
    )
    return said.say("page.how", version=__version__, order=str(found.order), seed=str(found.seed)) + files


# ---- in words, for the terminal too


def named(length: int, said: Words = ENGLISH) -> str:
    """Combinations by how many values they have."""
    name = f"length.{length}"
    return said.say(name) if str(length) in said.texts["length"] else said.say("length.more", length=str(length))


def band_name(least: int, most: int | None, said: Words = ENGLISH) -> str:
    """Counts from and to."""
    return f"{said.count(least)}+" if most is None else f"{said.count(least)}–{said.count(most)}"


def figures(each: Length, said: Words = ENGLISH) -> list[str]:
    """A row under HEADS."""
    errors = each.errors
    return [
        named(each.length, said),
        said.count(errors.combinations),
        said.people(errors.mean),
        said.people(errors.median),
        said.share(errors.relative_mean),
        said.share(errors.relative_median),
        said.share(each.missing_share),
        said.share(each.fabricated_share),
        "" if each.distance is None else said.count(each.distance, 3),
    ]


def both(errors: Errors, said: Words = ENGLISH) -> str:
    """An error in people and as a share."""
    return f"{said.people(errors.mean)} ({said.share(errors.relative_mean)})" if errors.combinations else ""
