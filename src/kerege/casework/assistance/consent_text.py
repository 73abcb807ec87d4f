"""The text that a person hears before she answers. Another wording is another version.

It says nothing of what happened to her: whoever finds the sheet learns that somebody keeps data, and no more.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

VERSION = "2026-1"
LANGUAGES = ("kk", "ru", "en")
# on paper the kinds of data are named in words that give nobody away
NEUTRAL = {"exploitation": _("What happened to me"), "proceedings": _("Matters with the authorities")}
PARAGRAPHS = (
    _("You decide whether we pass on what you have told us, to whom, what exactly and for how long."),
    _("You may say no. Whatever you answer, you receive the same help as before."),
    _("What you allow is shown only to the organisation named below, and only the kinds of data named below."),
    _("You may change your mind at any time and need give no reason. From that moment on it is shown no longer."),
    _("You may ask at any time what is written about you and who has read it."),
    _("Figures that name nobody may be published. Nobody can recognise you in them."),
)
