"""Forms of decision requests, notifications to the person, and reviews."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.models.case import Case
from kerege.casework.intake.services.identification import authorities
from kerege.core.accounts.models import Agency
from kerege.vocabulary.profile import active
from kerege.web.forms import AgencyField, CodeChoiceField, DateField, Form
from kerege.web.templatetags.kerege import code

LONGEST = 10_000


def sealed(label: Any, hint: Any, rows: int = 4) -> forms.CharField:
    """Return an optional field for text that is stored encrypted."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=LONGEST, widget=area, help_text=hint)


class AuthorityField(AgencyField):
    """A choice of an authority, shown with its name and the tracks on which it decides."""

    def label_from_instance(self, obj: Any) -> str:
        tracks = ", ".join(code(track, "decision_track") for track in active().tracks_of(obj.kind))
        return f"{obj.name} – {tracks}"


class RequestForm(Form):
    """Form to request a decision. It has a track field only where an authority decides on several."""

    authority = AuthorityField(
        Agency.objects.none(), label=_("Who should decide"), widget=forms.RadioSelect, empty_label=None
    )
    track = CodeChoiceField("decision_track", label=_("Track"), states=False)
    message = sealed(_("Message"), _("Information for the authority. Stored encrypted."))

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = authorities(case)
        field: Any = self.fields["authority"]
        field.queryset = Agency.objects.filter(pk__in=[agency.pk for agency in agencies])
        if len(agencies) == 1:
            self.initial.setdefault("authority", agencies[0].pk)
        if all(len(active().tracks_of(agency.kind)) == 1 for agency in agencies):
            del self.fields["track"]

    def clean(self) -> dict[str, Any]:
        """Check that the authority decides on the track, and set its only track."""
        data = super().clean() or self.cleaned_data
        if authority := data.get("authority"):
            tracks = active().tracks_of(authority.kind)
            if len(tracks) == 1:
                data["track"] = tracks[0]
            elif data.get("track") not in tracks:
                self.add_error("track", _("Choose a track on which this agency decides."))
        return data


class NotifyForm(Form):
    """The day, manner and language in which the person was informed."""

    told_on = DateField(label=_("Person informed on"), required=True)
    manner = CodeChoiceField("notice_manner", label=_("How"), required=True, states=False)
    language = CodeChoiceField("language", label=_("In which language"), states=("unknown",), widget=forms.Select)
    interpreter = CodeChoiceField("answer", label=_("An interpreter helped"), states=False)


class DecisionReviewForm(Form):
    """Form for the day of a review request, who requested it, and the reason."""

    draft_name = "ReviewForm"
    asked_on = DateField(label=_("Asked on"), required=True)
    asked_by = CodeChoiceField("review_by", label=_("Who asked"), required=True, states=False)
    why = sealed(_("Why"), _("The disputed or new facts. Stored encrypted."))
