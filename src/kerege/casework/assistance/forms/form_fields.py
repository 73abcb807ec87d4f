"""Form fields for consents, goals, agencies and remarks."""

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
    """Return the active agencies, except `besides`."""
    rows = Agency.objects.filter(active=True)
    return rows.exclude(pk=besides.pk) if besides else rows


class ConsentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choice of a consent, labelled by purpose, recipient and day."""

    def label_from_instance(self, obj: Any) -> str:
        recipient = obj.recipient.name if obj.recipient else _("any agency")
        return f"{code(obj.purpose, 'consent_purpose')}, {recipient}, {day(obj.on)}"


class GoalField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choice of a goal, labelled by domain and first 60 characters."""

    def label_from_instance(self, obj: Any) -> str:
        text = str(open_text(obj.text) or "")
        return f"{code(obj.domain, 'need_domain')}: {text[:60]}" if text else code(obj.domain, "need_domain")


def build_remark_field(label: Any = REMARK) -> forms.CharField:
    """Return a field for free text about the person; the text is stored encrypted."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stored encrypted."),
    )
