"""Board of a coordinator: steps of cases, days to the decision, answers, regions, unknown fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries import referrals
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.decisions import formal_decisions
from kerege.casework.desk.boards.board import COUNTED, Board, BoardPicture, bars, published_url
from kerege.casework.desk.boards.comparison import source_words, target_number, target_words
from kerege.casework.desk.durations import decided_share
from kerege.casework.desk.models import TargetFigure
from kerege.casework.desk.targets import CurrentTarget, read_targets
from kerege.casework.desk.team import CARRIED, count_missing
from kerege.casework.intake.models import Signal
from kerege.charts import Break, Tile, Value, ranked
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active
from kerege.vocabulary.region_tiles import read_tiles
from kerege.web.templatetags.kerege import language

STEPS, YEAR = timedelta(days=90), timedelta(days=365)
SMALLEST_BASE = 50  # cases; below it no share is shown
WEEK, WORKING = 7, 5
HALF, BEYOND = 0.5, 1.5  # share of cases (median); factor on the last decision and the target: end of the time axis
BYPASS_REASON = "a coordinator counts the reports to all agencies; no report is shown"


def build_board(actor: Actor) -> Board:
    """Return the board of all agencies: true counts, and a link where the list may be opened."""
    today = timezone.localdate()
    pictures = [_steps(actor, today), _days(actor, today), _answers(actor, today), _overdue(actor), _regions(actor)]
    return Board(_("The programme at work"), [*pictures, _unknown(actor)], timezone.localtime())


def _steps(actor: Actor, today: date) -> BoardPicture:
    """Return how many reports, cases, referrals and decisions began in the last 90 days."""
    since = today - STEPS
    with session_scope.bypass_row_security(BYPASS_REASON):
        reports = Signal.objects.filter(received_at__date__gte=since).count()
    cases = authorization.scope(actor, Case, action="desk.count_cases")
    sent = authorization.scope(actor, Referral, action="desk.count_referrals")
    with session_scope.bypass_row_security(BYPASS_REASON):
        decisions = formal_decisions().filter(decided_on__gte=since).values("case").distinct().count()
    rows = [
        ("contact", _("Reports received"), reports),
        ("registered", _("Cases registered"), cases.filter(registered_on__gte=since).count()),
        ("referred", _("Cases referred"), sent.filter(sent_at__date__gte=since).values("case").distinct().count()),
        ("decided", _("Cases with a formal decision"), decisions),
    ]
    question = _("How many pass each step in 90 days?")
    chart = bars(question, [(code, label, Value.exact(count)) for code, label, count in rows])
    tables = ("assisted_by_year", "state_assisted_by_year")
    return BoardPicture(question, chart, published=published_url("helped-by-year"), tables=tables)


def _days(actor: Actor, today: date) -> BoardPicture:
    """Return the share of the cases of a year with a formal decision, by day, open cases included."""
    first = today - YEAR
    cases = authorization.scope(actor, Case, action="desk.count_cases").filter(registered_on__gte=first)
    formal = formal_decisions().filter(case__in=cases, decided_on__gte=F("case__registered_on"))
    registered = dict(cases.values_list("pk", "registered_on"))
    decided = dict(formal.order_by().values_list("case").annotate(Min("decided_on")))
    spans = [((decided.get(pk, today) - start).days, pk in decided) for pk, start in registered.items()]
    curve = _shown_days(decided_share(spans))
    question = _("How long until the formal decision?")
    chart = bars(question, [(str(day), str(day), Value.exact(round(100 * share, 1))) for day, share in curve], unit="%")
    target = active().clocks["identification_decision"].business_days
    words = ngettext("target: %(n)d working day", "target: %(n)d working days", target) % {"n": target}
    line = Break(str(target * WEEK // WORKING), words)
    waiting = sum(not is_decided for _days_so_far, is_decided in spans)
    half = next((day for day, share in curve if share >= HALF), None)
    notes = [_("Half are decided by day %(day)d.") % {"day": half}] if half is not None else []
    notes.append(ngettext("%(n)d case is open.", "%(n)d cases are open.", waiting) % {"n": waiting})
    drawn = replace(chart, kind="step", breaks=(line,), axis=_("days since registration"))
    return BoardPicture(question, drawn, note=" ".join(notes))


def _shown_days(curve: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return the days on which the share changes, and one day after the last change."""
    changes = [point for before, point in zip([(0, -1.0), *curve], curve, strict=False) if point[1] > before[1]]
    last_day = min(curve[-1][0], int(changes[-1][0] * BEYOND) + 1)
    return [*changes, (last_day, changes[-1][1])] if last_day > changes[-1][0] else changes


def _answers(actor: Actor, today: date) -> BoardPicture:
    """Return the share of due referrals that were answered in time, by agency; no share below 50."""
    sent = authorization.scope(actor, Referral, action="desk.count_referrals").filter(
        sent_at__date__gte=today - STEPS, due_on__lt=today
    )
    in_time = Count("pk", Q(answered_at__date__lte=F("due_on")))
    counts = sent.order_by().values_list("to_agency").annotate(n=Count("pk"), good=in_time)
    names = _agency_names()
    shares = [(str(pk), names[pk], good, n) for pk, n, good in counts]
    if len(shares) > 1:
        together = (sum(row[2] for row in shares), sum(row[3] for row in shares))
        shares.insert(0, ("all", _("All together"), *together))
    rows = [
        (code, _("%(agency)s (%(good)d of %(n)d)") % {"agency": name, "good": good, "n": n}, _share(good, n))
        for code, name, good, n in shares
    ]
    question = _("Which referrals are answered in time?")
    note = _("A share is shown from %(n)d referrals on.") % {"n": SMALLEST_BASE}
    picture = BoardPicture(question, ranked(bars(question, rows, unit="%")), note=note, has_target=True)
    current = read_targets(today).get(TargetFigure.ANSWERED)
    return _against(picture, current) if current else picture


def _share(part: int, of: int) -> Value:
    """Return a share in percent; none of few referrals."""
    return Value.exact(round(100 * part / of)) if of >= SMALLEST_BASE else Value.absent()


def _against(picture: BoardPicture, current: CurrentTarget) -> BoardPicture:
    """Return a picture of shares with their target; the same picture if no share is shown."""
    shown = {key: value for key, value in picture.chart.values.items() if value.status != "absent"}
    if not shown:
        note = _("Target: %(target)s percent.") % {"target": target_number(current.target)}
        return replace(picture, note=f"{picture.note} {note}")
    chart = replace(picture.chart, goals=dict.fromkeys(shown, float(current.target.value or 0)))
    remarks = {code: (target_words(current, value),) for (_series, code), value in picture.chart.values.items()}
    heads, sources = (_("Target"),), source_words([current])
    return replace(picture, chart=chart, remark_heads=heads, remarks=remarks, sources=sources)


def _agency_names() -> dict[UUID, str]:
    return {agency.pk: agency.name for agency in Agency.objects.all()}


def _overdue(actor: Actor) -> BoardPicture:
    """Return the overdue referrals with the list that the coordinator may open, unless it is cut."""
    counts = referrals.unanswered(actor).values_list("to_agency").annotate(n=Count("pk"))
    by_agency = dict(counts.order_by("-n", "to_agency"))
    total, names = sum(by_agency.values()), _agency_names()
    question = _("Which referrals wait for an answer too long?")
    lines = [("all", _("All together"), Value.exact(total))]
    lines += [(str(pk), names[pk], Value.exact(n)) for pk, n in by_agency.items()]
    links = {(COUNTED.code, "all"): reverse("assistance:silent")} if total <= referrals.MAX_ROWS else {}
    return BoardPicture(question, bars(question, lines), links)


def _regions(actor: Actor) -> BoardPicture:
    """Return the running cases by region, as tiles."""
    running = authorization.scope(actor, Case, action="desk.count_cases").filter(status__in=CARRIED)
    counts = dict(running.order_by().values_list("region").annotate(n=Count("pk")))
    lang = language()
    tiles = {tile.region: Tile(tile.row, tile.column, tile.short[lang]) for tile in read_tiles()}
    names = codes.code_list("region").codes
    rows = [
        (code, codes.label("region", code, lang), Value.exact(counts.get(code, 0))) for code in names if code in tiles
    ]
    question = _("Where are the running cases?")
    rest = sum(counts.values()) - sum(counts.get(code, 0) for code in tiles)
    note = ngettext("%(n)d more has no region.", "%(n)d more have no region.", rest) % {"n": rest} if rest else ""
    chart = replace(bars(question, rows, kind="tiles"), tiles=tiles)
    tables = ("region", "state_region")
    return BoardPicture(question, chart, note=note, published=published_url("state-regions"), tables=tables)


def _unknown(actor: Actor) -> BoardPicture:
    """Return the share of running cases without a value, by field; counts below 50 cases."""
    running = authorization.scope(actor, Case, action="desk.count_cases").filter(status__in=CARRIED)
    fields, total = count_missing(running)
    shares = total >= SMALLEST_BASE
    rows = [
        (row.code, str(row.label), Value.exact(round(100 * row.count / total) if shares else row.count))
        for row in fields
    ]
    question = _("What is not recorded in running cases?")
    chart = bars(question, rows, unit="%" if shares else "")
    return BoardPicture(question, chart, note=_("Out of %(n)d cases.") % {"n": total})
