"""What a case lacks: the data-quality list, and the filter of the case list behind its counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.models.case import Decision, Exploitation
from kerege.vocabulary.profile import active

RUNNING = Q(status__in=["open", "suspended", "follow_up"])
UNKNOWN = ("", "unknown", "not_asked")

# what may be lacking, in words
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
    "decision": _("Decision in time"),
    "closure_reason": _("Reason of the end"),
}
# what a column of the case tells; what a column of its main episode tells
COLUMNS = ("sex", "age", "citizenship", "risk", "caseworker", "closure_reason")
OF_MAIN = {"main_form": "main_form", "country": "exploitation_country"}


def lacking(what: str) -> Q:
    """Cases that lack this; KeyError for anything else."""
    return QUERIES[what]()


def _main(name: str) -> Q:
    main = Exploitation.objects.filter(case=OuterRef("pk"), main=True)
    return Q(~Exists(main.exclude(**{f"{name}__in": UNKNOWN})))


def _decision() -> Q:
    """Presumed victims whose clock has run out without a decision."""
    day = today = timezone.localdate()
    while active().due("identification_decision", day) >= today:
        day -= timedelta(days=1)
    formal = Decision.objects.filter(case=OuterRef("pk")).exclude(kind="preliminary_identification")
    return Q(~Exists(formal), RUNNING, social_status="presumed", registered_on__lte=day)


QUERIES: dict[str, Callable[[], Q]] = {
    **{code: partial(_main, name) for code, name in OF_MAIN.items()},
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
