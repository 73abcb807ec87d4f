"""The form of needs and risk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.forms.form_fields import build_remark_field
from kerege.casework.assistance.models.needs import Assessment
from kerege.vocabulary import codes
from kerege.web.forms import CodeChoiceField, DateField, Form
from kerege.web.templatetags.kerege import code

LEVELS = [
    (0, _("0 – no need")),
    (1, _("1 – slight")),
    (2, _("2 – moderate")),
    (3, _("3 – serious")),
    (4, _("4 – acute")),
]


class NeedsForm(Form):
    """Form with a level for each domain of need (may stay empty), and the risk level."""

    on = DateField(label=_("Day"), required=True)
    risk_level = CodeChoiceField("risk_level", label=_("Risk"), states=False)

    def __init__(self, last: Assessment | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))
        choices = [("", _("Not asked")), *LEVELS]
        self.domains = list(codes.code_list("need_domain").codes)
        for domain in self.domains:
            last_level = last.needs.get(domain) if last else None
            self.fields[domain] = forms.TypedChoiceField(
                label=code(domain, "need_domain"),
                choices=choices,
                required=False,
                coerce=int,
                empty_value=None,
                help_text=_("Last time: %(level)s") % {"level": last_level} if last_level is not None else "",
            )
        self.fields["remark"] = build_remark_field(_("What you saw and heard"))

    def needs(self) -> dict[str, int]:
        """Return the levels of the assessed domains."""
        return {name: level for name in self.domains if (level := self.cleaned_data[name]) is not None}

    @property
    def asked(self) -> list[Any]:
        """Return the bound fields of the domains."""
        return [self[name] for name in self.domains]
