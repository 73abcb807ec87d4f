"""Privacy budgets: ceilings of periods, reserves and the remaining budget."""

from __future__ import annotations

import math
import shlex

from kerege.base.errors import BadInput, Fault, Refused
from kerege.evidence.dp import zcdp
from kerege.evidence.ledger.composition import DELTA, HELD, privacy_loss, undrawn_reserve
from kerege.evidence.ledger.entry import EntryContents, LedgerEntry, now
from kerege.evidence.ledger.entry_chain import EXACT, EntryChain

EPSILON_A_PERIOD = 4.0  # at delta 1e-9; the default ceiling of a period
ALL, EPSILON_OF_ALL = "all", 12.0  # all periods together: different periods may count the same people
FILES = "files"  # period of files without a register and a period: two of them may count the same people
OTHERS = "name the people of this file with --period if no other file holds them, "


class BudgetLedger(EntryChain):
    """A chain of entries that charge and set privacy budgets."""

    def set_budget(self, period: str, rho: float, by: str, reason: str = "") -> LedgerEntry:
        """Set the ceiling of a period, or of ALL periods; call it inside `locked`.

        Parameters
        ----------
        period : str
            Name of the period, such as 2025.
        rho : float
            Ceiling (zCDP), 0 or more.
        by : str
            The user who sets it.
        reason : str
            Why.

        Returns
        -------
        LedgerEntry
            The entry.

        Raises
        ------
        BadInput
            If the ceiling is not a finite number of 0 or more, or the period is empty.
        Refused
            If the ceiling is raised, or above epsilon 12: that needs a reason and a second person, see
            `request_budget` and `approve_budget`.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ledger = BudgetLedger(Path(folder))
        ...     with ledger.locked():
        ...         _ = ledger.set_budget("2025", 0.2, by="methodologist")
        ...     ledger.budget("2025"), ledger.left("2025")
        (0.2, 0.2)
        """
        _check_ceiling(period, rho)
        if self.needs_approval(period, rho):
            raise Refused(self._unapproved(period, rho))
        return self._add(_ceiling_entry("budget", period, rho, by).merged(_reason(reason)))

    def needs_approval(self, period: str, rho: float) -> bool:
        """Return whether a ceiling needs a reason and a second person: it is raised, or above epsilon 12."""
        return rho > min(self.budget(period), zcdp.epsilon_to_rho(EPSILON_OF_ALL)) * (1 + EXACT)

    def _unapproved(self, period: str, rho: float) -> str:
        """Return the reason of a refusal to set a ceiling without a second person."""
        epsilon, usual = zcdp.rho_to_epsilon(rho), rho > zcdp.epsilon_to_rho(EPSILON_OF_ALL) * (1 + EXACT)
        limit = (
            f"the usual {EPSILON_OF_ALL:g}" if usual else f"the present {zcdp.rho_to_epsilon(self.budget(period)):.3g}"
        )
        return (
            f"a privacy budget of epsilon {epsilon:.3g} for {_owner(period)} is above {limit}: it needs a reason and a "
            f"second person; run kerege ledger budget {shlex.quote(period)} --epsilon E --reason TEXT, and have "
            "another person approve the request"
        )

    def request_budget(self, period: str, rho: float, by: str, reason: str) -> LedgerEntry:
        """Enter the request of a ceiling, which another person then approves; call it inside `locked`.

        It changes no ceiling. Raises BadInput.
        """
        _check_ceiling(period, rho)
        if not reason.strip():
            raise BadInput(Fault("the budget has no reason", "give one, such as the decision that allows it"))
        return self._add(_ceiling_entry("budget_request", period, rho, by).merged(_reason(reason)))

    def approve_budget(self, number: int, by: str) -> LedgerEntry:
        """Set the ceiling that an entry requests; call it inside `locked`.

        Parameters
        ----------
        number : int
            Number of the request.
        by : str
            The user who approves it, another one than the user who requested it.

        Returns
        -------
        LedgerEntry
            The entry that sets the ceiling, with the reason and both users.

        Raises
        ------
        BadInput
            If the entry requests no ceiling.
        Refused
            If the same user requested it, or the ceiling was set since.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ledger = BudgetLedger(Path(folder))
        ...     with ledger.locked():
        ...         request = ledger.request_budget("2025", 0.5, by="methodologist", reason="decision 7")
        ...         _ = ledger.approve_budget(request.seq, by="director")
        ...     ledger.budget("2025")
        0.5
        """
        request = next((entry for entry in self.entries() if entry.seq == number), None)
        if request is None or request.kind != "budget_request" or request.ceiling is None:
            raise BadInput(Fault(f"entry {number} requests no budget", "give the number of a request: kerege ledger"))
        later = [entry.seq for entry in self._budgets(request.period) if entry.seq > number]
        if later:
            what = f"the privacy budget of {_owner(request.period)} was set by entry {later[-1]} since"
            raise Refused(f"{what} entry {number} requested it: request it again if it is still needed")
        if by == request.by:
            what = f"entry {number} was requested by {by}"
            raise Refused(f"{what}: another person approves it, from an account of their own")
        about = _ceiling_entry("budget", request.period, request.ceiling, by).merged(_reason(request.reason))
        return self._add(about.merged(EntryContents(requested_by=request.by, approves=number)))

    def _budgets(self, period: str) -> list[LedgerEntry]:
        """Return the entries that set the ceiling of a period, oldest first."""
        return [entry for entry in self.entries() if (entry.kind, entry.period) == ("budget", period)]

    def budget(self, period: str, asked: float = 0.0) -> float:
        """Return the ceiling of a period, or of ALL periods: the last one set, else the default.

        Parameters
        ----------
        period : str
            Name of the period.
        asked : float
            Loss (rho) of a request. The ceiling of FILES is at least the loss of its first file, or `asked` before
            there is one: the ceiling is meant against losses that add up unnoticed, not against one large explicit
            request.

        Returns
        -------
        float
            Ceiling in rho (zCDP). Default: epsilon 4 at delta 1e-9 for a period, 12 for all periods together.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     round(zcdp.rho_to_epsilon(BudgetLedger(Path(folder)).budget("2025")), 6)
        4.0
        """
        budgets = self._budgets(period)
        default = zcdp.epsilon_to_rho(EPSILON_OF_ALL if period == ALL else EPSILON_A_PERIOD)
        if budgets:
            return float(budgets[-1].ceiling or 0)
        return max(default, self._first() or asked) if period == FILES else default

    def _first(self) -> float:
        """Return the rho that was charged or reserved by the first entry of FILES."""
        return next((amount for entry in self._of(FILES) if (amount := privacy_loss([entry], None, HELD))), 0.0)

    def reserve(self, period: str, rho: float, about: EntryContents) -> LedgerEntry:
        """Reserve a loss for each cohort that an entry names; call it inside `locked`.

        Nothing else can take the reserve. A later charge that draws on it carries the same number, negative, as
        `reserved`.

        Parameters
        ----------
        period : str
            Period of the reserve.
        rho : float
            Reserve (zCDP) of each cohort.
        about : EntryContents
            Content of the entry, with `cohort`.

        Returns
        -------
        LedgerEntry
            The entry.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from kerege.evidence.ledger.entry import EnteredCohort, EnteredSnapshot
        >>> cohort = EnteredCohort(column="year", values=["2025"])
        >>> about = EntryContents(series="a", snapshots=[EnteredSnapshot(unit="victims")], cohort=cohort)
        >>> with TemporaryDirectory() as folder:
        ...     ledger = BudgetLedger(Path(folder))
        ...     with ledger.locked():
        ...         _ = ledger.reserve("2025", 0.25, about)
        ...     ledger.spent("2025"), ledger.held("2025"), ledger.set_aside(about)
        (0.0, 0.25, 0.25)
        """
        reserve = EntryContents(kind="reserve", at=now(), period=period, rho=0, reserved=float(rho))
        return self._add(about.merged(reserve))

    def set_aside(self, about: EntryContents) -> float:
        """Return the reserve (rho) that is set aside and not yet drawn for the cohort that `about` names."""
        return undrawn_reserve(self.entries(), about)

    def spent(self, period: str) -> float:
        """Return the largest loss of one person that is charged to a period.

        Parameters
        ----------
        period : str
            Name of the period, or ALL.

        Returns
        -------
        float
            Loss in rho (zCDP), see `composition.privacy_loss`.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     BudgetLedger(Path(folder)).spent("2025")
        0.0
        """
        return privacy_loss(self._of(period))

    def held(self, period: str, about: EntryContents | None = None) -> float:
        """Return the largest loss of one person that is charged to a period or reserved in it.

        Parameters
        ----------
        period : str
            Name of the period, or ALL.
        about : EntryContents, optional
            An entry; the result is for the people in the cohorts that it names. Default: for every person.

        Returns
        -------
        float
            Loss in rho (zCDP), at least that of `spent`.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     BudgetLedger(Path(folder)).held("2025")
        0.0
        """
        return privacy_loss(self._of(period), about, HELD)

    def _of(self, period: str) -> list[LedgerEntry]:
        """Return the entries that are charged to a period; for ALL, every entry."""
        return [entry for entry in self.entries() if period in (ALL, entry.period)]

    def left(self, period: str, about: EntryContents | None = None) -> float:
        """Return the loss that remains under the ceilings of a period and of all periods together.

        Parameters
        ----------
        period : str
            Name of the period.
        about : EntryContents, optional
            An entry; the result is for the people in the cohorts that it names. Default: for every person.

        Returns
        -------
        float
            Loss in rho (zCDP), at least 0.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ledger = BudgetLedger(Path(folder))
        ...     ledger.left("2025") == ledger.budget("2025")
        True
        """
        return max(0.0, min(self.budget(name) - self.held(name, about) for name in (period, ALL)))

    def check(self, period: str, rho: float, about: EntryContents | None = None, *, at: float = zcdp.DELTA) -> None:
        """Check that a charge stays within the budget of its period and of all periods.

        Parameters
        ----------
        period : str
            Period of the charge.
        rho : float
            Loss (zCDP) to charge.
        about : EntryContents, optional
            The entry to be written. When it names a cohort, only the losses of people in that cohort count beside
            `rho`. Reserves count as spent.
        at : float
            Delta at which the message of a refusal states epsilon.

        Raises
        ------
        Refused
            If the charge would exceed a budget, or the ceiling of delta for values without a public list.
        BadInput
            If the period has the name of all periods.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ledger = BudgetLedger(Path(folder))
        ...     ledger.check("2025", ledger.budget("2025"))  # the whole budget: allowed
        """
        if period == ALL:
            raise BadInput(Fault(f"a period cannot be called {ALL}", "name another, such as 2025"))
        for name in (period, ALL):
            ceiling, spent = self.budget(name, asked=rho), self.held(name, about)
            if rho > 0 and spent + rho > ceiling * (1 + EXACT):
                raise Refused(_overdrawn(name, rho, spent, ceiling, at))
        if about:
            self._check_delta(about)

    def _check_delta(self, about: EntryContents) -> None:
        """Raise Refused when the delta for values without a public list exceeds its ceiling over all periods."""
        requested, used = float(about.delta), self.unlisted(about)
        if requested and requested + used > zcdp.MOST_DELTA * (1 + EXACT):
            raise Refused(
                f"finding values that nobody listed takes delta {requested:g}, and {used:g} of {zcdp.MOST_DELTA:g} "
                "is spent for all periods together: describe the columns with --schema, or ask for a smaller --delta"
            )

    def periods(self) -> list[str]:
        """Return all periods with a charge or a budget."""
        return sorted(
            {entry.period for entry in self.entries() if entry.period and entry.kind != "budget_request"} - {ALL}
        )

    def composed(self) -> float:
        """Return the largest loss (rho) of one person over all periods together."""
        return self.spent(ALL)

    def unlisted(self, about: EntryContents | None = None, period: str = ALL) -> float:
        """Return the delta that went to values without a public list, in addition to the loss in rho."""
        return privacy_loss(self._of(period), about, DELTA)


def _overdrawn(period: str, rho: float, spent: float, ceiling: float, at: float) -> str:
    """Return the reason of a refusal, stated in epsilon, the unit of requests."""
    needed, used, limit = (zcdp.rho_to_epsilon(amount, at) for amount in (rho, spent, ceiling))
    free = _round_down(zcdp.rho_to_epsilon(max(0.0, ceiling - spent), at))
    hint = OTHERS if period == FILES else ""
    return (
        f"the privacy budget of {_owner(period)} does not allow it: epsilon {needed:.3g} is requested, {free:g} is "
        f"left, {used:.3g} of {limit:.3g} is spent or set aside (at delta {at:g}; losses add up in rho); ask for at "
        f"most what is left, {hint}or raise it with kerege ledger budget {shlex.quote(period)} --epsilon E --reason "
        "TEXT, which a second person approves"
    )


def _owner(period: str) -> str:
    """Return a period in words."""
    return {ALL: "all periods together", FILES: "all files without a period of their own"}.get(period, period)


def _check_ceiling(period: str, rho: float) -> None:
    """Raise BadInput for a ceiling that is not a number, or has no period."""
    if not (math.isfinite(rho) and 0 <= rho <= zcdp.MOST_RHO):
        raise BadInput(Fault("a budget is a number of 0 or more", "give rho, such as 0.2"))
    if not period.strip():
        raise BadInput(Fault("the budget has no period", "name one, such as 2025"))


def _ceiling_entry(kind: str, period: str, rho: float, by: str) -> EntryContents:
    return EntryContents(kind=kind, at=now(), period=period, ceiling=float(rho), by=by, rho=0)


def _reason(reason: str) -> EntryContents:
    return EntryContents(reason=reason) if reason else EntryContents()


def _round_down(number: float) -> float:
    """Round a number down to three significant digits: a request for the printed number is granted."""
    if number <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(number)) - 2)
    return float(f"{math.floor(number / step) * step:.3g}")
