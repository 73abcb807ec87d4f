"""One call from lists to the answer: `answer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from kerege.charts.svg_chart import SvgChart
from kerege.evidence.mse.headline.headline import LEAST_CHANCE, WIDEST, HeadlineSettings, Kind
from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.loglinear.bootstrap import SEED, TIMES
from kerege.evidence.mse.panels.answer import answer_lines
from kerege.evidence.mse.panels.headline_chart import headline_chart
from kerege.evidence.mse.panels.messages import read_messages
from kerege.evidence.mse.panels.notebook_display import make_frame
from kerege.evidence.mse.panels.panel import Panel, panel
from kerege.evidence.mse.panels.panel_tables import answer_html
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE

if TYPE_CHECKING:
    import polars as pl

SWEEPS = 100_000


@dataclass(frozen=True)
class PopulationAnswer:
    """Answer to the question how many people there are; `str` of it is the answer in words.

    panel: results of the methods behind it. lang: language of its words. kind: `range`, `at_least` or `none`; read it
    first. detected: people on the lists. floor: the lower figure, None if the kind is `none`. top: the upper
    figure, if nobody had less than `least_chance` of coming onto a list; None unless the kind is `range`.
    """

    panel: Panel
    lang: str = "en"

    @property
    def kind(self) -> Kind:
        """Kind of the answer: `range`, `at_least` or `none`."""
        return self.panel.headline.kind

    @property
    def detected(self) -> int:
        """People on the lists."""
        return self.panel.headline.detected

    @property
    def floor(self) -> int | None:
        """Lower figure, in people; None if the kind is `none`."""
        return self.panel.headline.floor

    @property
    def top(self) -> int | None:
        """Upper figure, in people, under the condition of `least_chance`; None unless the kind is `range`."""
        return self.panel.headline.top

    @property
    def least_chance(self) -> float | None:
        """Condition of the top: nobody had a smaller chance of coming onto a list; None without a top."""
        return None if self.top is None else self.panel.headline.least_chance

    @property
    def lines(self) -> list[str]:
        """Sentences of the answer: the headline first, then its conditions and remarks."""
        return answer_lines(self.panel, self.lang)

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def plot(self) -> SvgChart:
        """Return the chart of the headline.

        Returns
        -------
        SvgChart
            A complete SVG file as text; `Path("chart.svg").write_text(chart)` saves it.

        Examples
        --------
        >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
        >>> PopulationAnswer(panel(lists, ["stepwise"], times=100)).plot()[:4]
        '<svg'
        """
        return SvgChart(headline_chart(self.panel, self.lang))

    def to_frame(self) -> pl.DataFrame:
        """Return the answer as one row.

        Returns
        -------
        polars.DataFrame
            Columns kind, detected, floor, top, least_chance and reason (why the kind is not `range`).

        Raises
        ------
        MissingExtra
            If Polars is not installed.

        Examples
        --------
        >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
        >>> PopulationAnswer(panel(lists, ["stepwise"], times=100)).to_frame().select("kind", "detected").rows()
        [('none', 626)]
        """
        row: dict[str, object] = {
            "kind": self.kind,
            "detected": self.detected,
            "floor": self.floor,
            "top": self.top,
            "least_chance": self.least_chance,
            "reason": self.panel.headline.reason or None,
        }
        return make_frame("PopulationAnswer.to_frame", [row])

    def _repr_html_(self) -> str:
        return answer_html(self.panel, self.lang)


def answer(
    lists: Lists,
    *,
    referrals_out: bool | None = None,
    linkage_reviewed: bool | None = None,
    least_chance: float = LEAST_CHANCE,
    widest: float = WIDEST,
    miss: Mapping[str, float] = MappingProxyType({}),
    false_link: float = 0.0,
    times: int = TIMES,
    seed: int = SEED,
    sweeps: int = SWEEPS,
    lang: str = "en",
) -> PopulationAnswer:
    """Return how many people there are, as far as the overlaps of lists show it.

    Parameters
    ----------
    lists : Lists
        One to ten lists.
    referrals_out : bool, optional
        Whether a person whom one list sent to another counts only on the first. Without this answer and the next there
        is no upper figure.
    linkage_reviewed : bool, optional
        Whether people reviewed the links that linkage was unsure of.
    least_chance : float, default 0.1
        Condition of the upper figure, 0.02 to 0.5: nobody had a smaller chance of coming onto a list.
    widest : float, default 6.0
        Largest ratio of the upper to the lower figure with which there is an upper figure.
    miss : mapping of str to float
        Missed link rates to correct for: by name of a list, or of all pairs of records under the name "".
    false_link : float, default 0.0
        False link rate to correct for; see `correct_linkage_errors`.
    times : int, default 20,000
        Resamples of each bootstrap, 100 to 1,000,000.
    seed : int, default 1
        Seed of all random draws.
    sweeps : int, default 100,000
        Sweeps of each of the 20 chains of the latent classes.
    lang : str, default "en"
        Language of the words: kk, ru or en.

    Returns
    -------
    PopulationAnswer
        A range, a lower figure, or only the detected people. `panel` returns all methods instead.

    Raises
    ------
    BadInput
        If there is no such language, or a setting is out of range.

    Examples
    --------
    >>> lists = Lists([1, 2, 4, 8, 3, 5, 9, 12], [40, 30, 20, 10, 3, 2, 1, 1])
    >>> result = answer(lists, referrals_out=True, linkage_reviewed=True, times=100)
    >>> result.kind, result.detected  # 7 people are on two lists, and 20 are needed
    ('none', 107)
    """
    read_messages(lang)  # refuses an unknown language before the work begins
    settings = HeadlineSettings(referrals_out, linkage_reviewed, least_chance, widest)
    result = panel(
        lists,
        list(IN_HEADLINE),
        times=times,
        seed=seed,
        sweeps=sweeps,
        miss=miss,
        false_link=false_link,
        settings=settings,
    )
    return PopulationAnswer(result, lang)
