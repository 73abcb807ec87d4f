"""Published figures as text: exact counts, bounds such as `<5`, and marks of unpublished figures."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import NOISED, OK, PERTURBED, SUPPRESSED
from kerege.evidence.sdc.reading.options import DASHES
from kerege.evidence.sdc.reading.periods import month_of, parse_period

MOST = 10**12  # largest accepted count; the solvers represent it exactly
LESS = re.compile(
    r"(?:(?:[<≤]|&lt;)\s*=?|under|fewer than|less than|up to|at most|менее|меньше|до|не более)\s*(\d+)", re.IGNORECASE
)
INCLUSIVE = re.compile(r".*(=|≤)|(до|up to|at most|не более)\b", re.IGNORECASE)
BETWEEN = re.compile(r"(\d+)\s*[-–—]\s*(\d+)")
SPACES = " \u00a0\u202f\u2009\u2007\u2008"
QUOTES = "'\u2019\u02bc`"
# one sign between all thousands; a number that begins with 0 and a point is a fraction
GROUPED = re.compile(rf"(?:[1-9]\d{{0,2}})([,.]|[{QUOTES}]|[{SPACES}]+)\d{{3}}(?:\1\d{{3}})*")
DECIMALS = re.compile(rf"(\d+|[1-9]\d{{0,2}}(?:([.,]|[{QUOTES}]|[{SPACES}])\d{{3}})+)(?!\2)[.,]0+")
# a figure or a colon with a flag behind it, as Eurostat and others print them: `12 b`, `: c`, `1,234*`, `12[r]`
FLAGGED = re.compile(
    rf"(\d[\d,.{QUOTES}{SPACES}]*|:)\s*((?:[a-z]{{1,3}}|\*{{1,3}}|[¹²³⁴⁵]+|\(\w{{1,2}}\)|\[\w{{1,3}}\])+)", re.I
)
SECOND_NUMBER = re.compile(r"\d\s*[(\[]\s*\d+\s*[)\]]")  # `48 (3)`: a part of 48, or a note
STATUS = {"ok": OK, "suppressed": SUPPRESSED, "perturbed": PERTURBED, "noised": NOISED}
DASH = {"-", "–", "—", "−", "--"}
UNPUBLISHED = {
    *("", ":", ".", "/", "..", "...", "…", "*", "**", "***", "x", "c", "s", "х", "с", "к", "[c]", "[x]", "(c)", "(x)"),
    *("suppressed", "confidential", "withheld", "not published", "скрыто", "конфиденциально", "құпия", "жасырын"),
    *(
        "np",
        "n.p.",
        "n/p",
        "np.",
        "ns",
        "n.s.",
        "nr",
        "n.r.",
        "d",
        "f",
        "u",
        "[u]",
        "(d)",
        "(s)",
        "[s]",
        "supp",
        "supp.",
    ),
    *(
        "конф.",
        "конф",
        "скр.",
        "скр",
        "н.п.",
        "hidden",
        "masked",
        "redacted",
        "not shown",
        "not released",
        "too small",
        "small",
        "conf.",
        "conf",
    ),
    *("не публикуется", "не публикуются", "закрыто", "скрыт", "жарияланбайды", "жасырылған", "құпия дерек"),
}
# not expected or not collected: the figure can be zero
NOT_APPLICABLE = {
    *("z", "~", "[z]", "(z)", "not applicable", "неприменимо", "қолданылмайды"),
    *("n/a", "n.a.", "na", "nd", "n.d.", "n/d", "not available", "no data", "not collected", "not recorded"),
    *("н/д", "нет данных", "деректер жоқ", "мәлімет жоқ", "м/ж"),
}
# observation and confidentiality status of SDMX under which a missing figure can be zero: missing, not collected
CAN_BE_ZERO = {"h", "j", "k", "l", "m", "o", "w", "z"}


@dataclass(frozen=True)
class PublishedCount:
    """The content of a cell: its figure, its status, and the bounds of the true count.

    `mark` is the text in place of an unpublished figure, '' where a figure is published. `suppression_marks` says
    which marks mean at least one person.
    """

    count: int
    status: int
    lower: float
    upper: float
    mark: str = ""


@dataclass(frozen=True)
class FigureCell:
    """The text of a figure with its status and its flags, as the columns of a file give them."""

    text: str
    status: str = ""
    flags: tuple[str, ...] = ()


def read_own_figure(cell: FigureCell, half: float, fault: Fault) -> PublishedCount:
    """Return the figure of a file of Kerege; raises BadInput for text that cannot be a count.

    `half` is the largest change of a perturbed count.
    """
    number = integer(cell.text)
    _check(cell, number, fault)
    if cell.status in ("suppressed", "noised") or number is None:
        noised = number if cell.status == "noised" and number is not None else 0
        return PublishedCount(noised, STATUS.get(cell.status, SUPPRESSED), *stated_bounds(cell.text))
    if cell.status == "perturbed":
        return PublishedCount(number, PERTURBED, max(number - half, 0), number + half)
    return PublishedCount(number, OK, number, number)


def read_foreign_figure(cell: FigureCell, half: float, dash: str, fault: Fault) -> PublishedCount:
    """Return the figure of a file of any other publisher; raises BadInput.

    `dash` is the meaning of a dash, see `ReadingOptions`.
    """
    text, flag = split_flag(cell.text)
    if text in DASH:
        _check_dash(dash, fault)
        text = "0" if dash == "zero" else "-"
    figure = read_own_figure(replace(cell, text=text), half, fault)
    if figure.status != SUPPRESSED or cell.status == "suppressed":
        return figure  # a word of Kerege and no mark: the bounds of the table say that such a figure is at least 1
    flags = [name.strip().casefold() for name in (flag, *cell.flags) if name.strip()]
    if text.casefold() in NOT_APPLICABLE or (not text.strip(":. ") and any(name in CAN_BE_ZERO for name in flags)):
        return figure
    return replace(figure, mark=text if integer(text) is None and text else "suppressed")


def is_understood(cell: FigureCell) -> bool:
    """Return whether a cell is a number, a bound, a usual mark or a sign.

    `nine`, `4 0` and `48 (3)` are none.
    """
    if SECOND_NUMBER.search(cell.text):
        return False
    text = split_flag(cell.text)[0]
    is_sign = not any(character.isalnum() for character in text)
    has_bounds = stated_bounds(text) != stated_bounds("")
    return is_sign or has_bounds or integer(text) is not None or is_mark(cell.text) or cell.status == "suppressed"


def split_flag(text: str) -> tuple[str, str]:
    """Return a figure and the flag behind it, '' without a flag.

    The words of `31 Dec` and `9 months` are no flags.
    """
    match = FLAGGED.fullmatch(text)
    is_flagged = match is not None and not month_of(match[2]) and parse_period(text) is None
    return (match[1].strip(), match[2].strip("[]()")) if match and is_flagged else (text, "")


def _check(cell: FigureCell, number: int | None, fault: Fault) -> None:
    is_invalid = number is None and (is_other_number(cell.text) or cell.status in ("ok", "perturbed"))
    if is_invalid or (number or 0) > MOST:
        raise BadInput(Fault(f"{shown(cell.text)!r} is not a count", fault.todo, fault.file, fault.row, fault.column))


def _check_dash(dash: str, fault: Fault) -> None:
    if dash not in DASHES:
        what = "a dash can be zero or a suppressed figure"
        todo = "say which with --dash zero or --dash suppressed"
        raise BadInput(Fault(what, todo, fault.file, fault.row, fault.column))


def integer(text: str) -> int | None:
    """Return an integer, with or without separators between thousands, else None."""
    if GROUPED.fullmatch(text):
        text = re.sub(r"\D", "", text)
    elif whole := DECIMALS.fullmatch(text):
        text = re.sub(r"\D", "", whole[1])
    return int(text) if text.isascii() and text.isdigit() and len(text) < 40 else None


def is_other_number(text: str) -> bool:
    """Return whether a text is a number that cannot be a count: negative, fractional or infinite."""
    try:
        value = float(text.replace("−", "-").replace(",", "."))
    except ValueError:
        return False
    return not math.isnan(value)


def stated_bounds(text: str) -> tuple[float, float]:
    """Return the bounds that a text such as `<10` or `5-9` states, (0, inf) for any other text."""
    if limit := LESS.fullmatch(text):
        return 0.0, float(limit[1]) - (not INCLUSIVE.match(text))
    if (ends := BETWEEN.fullmatch(text)) and int(ends[1]) <= int(ends[2]):
        return float(ends[1]), float(ends[2])
    return 0.0, math.inf


def is_mark(text: str) -> bool:
    """Return whether a text is a usual mark of an unpublished figure, or a bound such as `<5`."""
    low = split_flag(text)[0].casefold()
    return bool(low) and (low in UNPUBLISHED or low in DASH or low in NOT_APPLICABLE or LESS.fullmatch(low) is not None)
