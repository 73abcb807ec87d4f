"""Form to prepare a release from a board: a new draft, or an open one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kerege.publishing.composer.board_tables import TableHolder
from kerege.publishing.composer.forms import PERIOD
from kerege.web.forms import Form, offer

NEW = "new"


class PrepareForm(Form):
    """Choice of the draft; without an open one only the period is asked."""

    private = False
    draft = forms.ChoiceField(label=_("Where to add the tables"), widget=forms.RadioSelect, initial=NEW)
    period = forms.CharField(
        label=_("Period of the new release"),
        max_length=17,
        required=False,
        help_text=_("The year, such as 2025, or a part of it, such as 2025-H1."),
    )

    def __init__(self, drafts: Sequence[TableHolder], data: QueryDict | None, initial: Mapping[str, str]) -> None:
        super().__init__(data, initial=dict(initial))
        self.drafts = {str(holder.row.pk): holder for holder in drafts if holder.row is not None}
        drafts_by_title = ((pk, f"{holder.title} ({holder.period})") for pk, holder in self.drafts.items())
        offer(self, "draft", [(NEW, _("In a new release")), *drafts_by_title])
        if not self.drafts:
            del self.fields["draft"]

    def clean(self) -> dict[str, object]:
        """Check the period of a new release."""
        data = super().clean() or self.cleaned_data
        if self.chosen is None and not PERIOD.fullmatch(str(data.get("period") or "").strip()):
            self.add_error("period", ValidationError(_("Write a year with four digits, for example 2025.")))
        return data

    @property
    def chosen(self) -> TableHolder | None:
        """Return the chosen draft; None for a new one."""
        return self.drafts.get(str(self.cleaned_data.get("draft", NEW)))

    @property
    def new_period(self) -> str:
        """Return the period of a new release."""
        return str(self.cleaned_data["period"]).strip()
