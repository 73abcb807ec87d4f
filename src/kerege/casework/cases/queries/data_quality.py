"""Completeness of cases: the data-quality list, and the filter behind each of its counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.models.case import Exploitation
from kerege.casework.cases.queries.clocks import overdue_since
from kerege.casework.cases.queries.decisions import formal_decisions

RUNNING = Q(status__in=["open", "suspended", "follow_up"])
UNKNOWN = ("", "unknown", "not_asked")

# labels of the items that may be missing
LABELS = {
    "main_form": _("Main form of exploitation"),
    "country": _("Country of exploitation"),
    "sex": _("Sex"),
    "age": _("Age"),
    "citizenship": _("Citizenship"),
    "risk": _("Level of risk"),
    "caseworker": _("Caseworker"),
    "assessment": _("Assessment of needs"),
    "consent": _("Any answer about consent"),
    "service": _("Any service"),
    "decision": _("Decision on time"),
    "closure_reason": _("Reason of the end"),
}
# items held in a column of the case; items held in a column of its main episode
COLUMNS = ("sex", "age", "citizenship", "risk", "caseworker", "closure_reason")
MAIN_EPISODE_COLUMNS = {"main_form": "main_form", "country": "exploitation_country"}


def cases_missing(item: str) -> Q:
    """Return a filter for cases without this item. Raises KeyError for an unknown item."""
    return QUERIES[item]()


def _main(name: str) -> Q:
    """Return a filter for cases whose main episode has no value in this column."""
    main = Exploitation.objects.filter(case=OuterRef("pk"), main=True)
    return Q(~Exists(main.exclude(**{f"{name}__in": UNKNOWN})))


def _decision() -> Q:
    """Return a filter for presumed victims without a formal decision after its deadline."""
    decided = formal_decisions().filter(case=OuterRef("pk"))
    overdue = overdue_since("identification_decision", "registered_on")
    return Q(~Exists(decided), RUNNING, overdue, social_status="presumed")


QUERIES: dict[str, Callable[[], Q]] = {
    **{code: partial(_main, name) for code, name in MAIN_EPISODE_COLUMNS.items()},
    "sex": lambda: Q(sex__in=UNKNOWN),
    "age": lambda: Q(age_band__in=UNKNOWN),
    "citizenship": lambda: Q(citizenships=[]),
    "risk": lambda: Q(RUNNING, risk_level__in=UNKNOWN),
    "caseworker": lambda: Q(RUNNING, caseworker=None),
    "assessment": lambda: Q(RUNNING, assessments=None),
    "consent": lambda: Q(RUNNING, consents=None),
    "service": lambda: Q(RUNNING, services=None),
    "decision": _decision,
    "closure_reason": lambda: Q(~RUNNING, closure_reason=""),
}
