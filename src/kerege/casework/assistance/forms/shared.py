"""Fields that several forms of assistance use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.core.accounts.models import Agency
from kerege.web.templatetags.kerege import code, day

LONGEST = 20_000


def agencies(besides: Agency | None = None) -> Any:
    """Agencies that take part, without one."""
    rows = Agency.objects.filter(active=True)
    return rows.exclude(pk=besides.pk) if besides else rows


class ConsentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A consent by its purpose, recipient and day."""

    def label_from_instance(self, obj: Any) -> str:
        who = obj.recipient.name if obj.recipient else _("any agency")
        return f"{code(obj.purpose, 'consent_purpose')}, {who}, {day(obj.on)}"
