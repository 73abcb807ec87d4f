"""Search form of the audit log."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.core.audit.search import AuditFilter
from kerege.web.forms import DateField, Form


class AuditLogForm(Form):
    """Filter of the audit log. No field takes a person's name: staff by user name, records by id."""

    actor = forms.CharField(label=_("User name"), max_length=80, required=False)
    action = forms.CharField(
        label=_("Action"),
        max_length=64,
        required=False,
        help_text=_("For example vault.reveal, or vault for all actions that begin with it."),
    )
    target = forms.CharField(label=_("Id of a record"), max_length=120, required=False)
    first = DateField(label=_("From day"), required=False)
    last = DateField(label=_("To day"), required=False)
    refused = forms.BooleanField(label=_("Refused only"), required=False)

    def to_filter(self) -> AuditFilter:
        """Return the filter; invalid fields are left out."""
        data = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        words = {name: str(data.get(name) or "").strip() for name in ("actor", "action", "target")}
        return AuditFilter(**words, first=data.get("first"), last=data.get("last"), refused=bool(data.get("refused")))
