"""Sentences about a disclosure by its kind: the figure, its derivation, and the remedies."""

from __future__ import annotations

from django.utils.translation import gettext_noop

SENTENCES = {
    "small": (
        gettext_noop("These people could be found: %(people)s – %(range)s."),
        gettext_noop(
            "The table “%(table)s” shows this figure. An intruder who knows one of these people recognises them and "
            "learns their other values."
        ),
    ),
    "interval": (
        gettext_noop("These people could be found: %(people)s – %(range)s."),
        gettext_noop("The table “%(table)s” does not show this figure, but it follows from others: %(sources)s."),
    ),
    "difference": (
        gettext_noop("These people could be found: %(people)s – %(range)s."),
        gettext_noop("No table shows this figure, but it follows from others: %(sources)s."),
    ),
    "noise": (
        gettext_noop("No table shows the exact figure for “%(cell)s”."),
        gettext_noop(
            "The figures with noise narrow it (%(sources)s): with a probability of 99.9 per cent it is %(range)s."
        ),
    ),
    "entered": (
        gettext_noop("No table shows the number of these people: “%(cell)s”."),
        gettext_noop(
            "By comparing tables of several dates (%(sources)s), "
            "an intruder finds the number of these people: %(range)s."
        ),
    ),
    "revision": (  # kind in drafts of version 0.1
        gettext_noop("The table “%(table)s” was published before, with another figure for “%(cell)s”."),
        gettext_noop(
            "By comparing both versions (%(sources)s), an intruder finds that %(range)s people were added or removed."
        ),
    ),
    "group": (
        gettext_noop("In the table “%(table)s” all members of a group have the same value: “%(cell)s”."),
        gettext_noop("An intruder who knows that a person belongs to this group learns this value too."),
    ),
}
AGAIN = gettext_noop(
    "Publish the earlier figure or suppress this one until the difference is at least %(threshold)s people."
)
MORE_NOISE = gettext_noop(
    "Or give the figures with noise a smaller privacy loss (rho), so that their noise becomes larger."
)
REMEDIES = {
    "protect": gettext_noop("Protect the table “%(table)s”: the word “suppressed” replaces such figures."),
    "hide": gettext_noop("Suppress %(cells)s in the table “%(table)s”."),
    "drop": gettext_noop("Leave the table “%(table)s” out."),
}
