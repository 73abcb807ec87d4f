"""Fields that several forms of assistance use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.casework.vault.services.identities import open_text
from kerege.core.accounts.models import Agency
from kerege.web.templatetags.kerege import code, day

MAX_TEXT_LENGTH = 20_000
REMARK = _("Remark")


def list_agencies(besides: Agency | None = None) -> Any:
    """Agencies that take part, without one."""
    rows = Agency.objects.filter(active=True)
    return rows.exclude(pk=besides.pk) if besides else rows


class ConsentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A consent by its purpose, recipient and day."""

    def label_from_instance(self, obj: Any) -> str:
        recipient = obj.recipient.name if obj.recipient else _("any agency")
        return f"{code(obj.purpose, 'consent_purpose')}, {recipient}, {day(obj.on)}"


class GoalField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A goal of the plan by its domain and the beginning of its words."""

    def label_from_instance(self, obj: Any) -> str:
        text = str(open_text(obj.text) or "")
        return f"{code(obj.domain, 'need_domain')}: {text[:60]}" if text else code(obj.domain, "need_domain")


def build_remark_field(label: Any = REMARK) -> forms.CharField:
    """A free text about the person; it is stored encrypted."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stored encrypted."),
    )
