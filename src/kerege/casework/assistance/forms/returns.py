"""Forms of documents and of voluntary return."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.forms.form_fields import build_remark_field, list_agencies
from kerege.casework.assistance.models.documents import Document
from kerege.web.forms import AgencyField, CodeChoiceField, DateField, Form


class DocumentForm(Form):
    """Form of a document that is being restored, with its steps."""

    kind = CodeChoiceField("document_kind", label=_("Document"), required=True, states=False, widget=forms.Select)
    loss = CodeChoiceField("document_loss", label=_("Why it is missing"), states=("unknown",), widget=forms.Select)
    authority = CodeChoiceField(
        "issuing_authority", label=_("Which authority issues it"), states=("unknown",), widget=forms.Select
    )
    country = CodeChoiceField("country", label=_("Country of the document"), states=False, widget=forms.Select)
    requested_on = DateField(label=_("Needed since"))
    applied_on = DateField(label=_("Applied for on"))
    due_on = DateField(label=_("Expected by"), allow_future=True)
    issued_on = DateField(label=_("Issued on"))
    handed_over_on = DateField(label=_("Handed over to the person on"))
    refused_on = DateField(label=_("Refused by the authority on"))

    @classmethod
    def of(cls, row: Document | None, data: Any = None) -> DocumentForm:
        """Return the form of a document, or of a new one when `row` is None."""
        form = cls(data, initial={name: getattr(row, name) for name in cls.base_fields} if row else None)
        if row is None:
            form.fields["requested_on"].initial = timezone.localdate()
            for name in ("issued_on", "handed_over_on", "refused_on"):
                del form.fields[name]
        else:
            del form.fields["kind"]
        return form


class ReturnForm(Form):
    """Form for the person's decision to return."""

    country = CodeChoiceField("country", label=_("To which country"), required=True, states=False, widget=forms.Select)
    voluntary = forms.BooleanField(label=_("The person decided this freely, after their rights here were explained"))
    decided_on = DateField(label=_("Day"), required=True)
    language = CodeChoiceField(
        "language", label=_("Language in which it was explained"), states=False, widget=forms.Select
    )
    manner = CodeChoiceField("consent_manner", label=_("How the decision was given"), required=True, states=False)

    def __init__(self, country: str, language: str, *args: Any, **kwargs: Any) -> None:
        initial = {"decided_on": timezone.localdate(), "country": country, "language": language}
        super().__init__(*args, **(kwargs | {"initial": initial}))


class ReturnRiskForm(Form):
    """Form for the risks of a return."""

    risks = CodeChoiceField("return_risk", multiple=True, label=_("Risks"), required=True, states=False)
    risk_level = CodeChoiceField("risk_level", label=_("Risk of the return"), required=True, states=False)
    best_interest = CodeChoiceField(
        "best_interest", label=_("Best interests of the child"), required=False, states=False
    )
    assessed_on = DateField(label=_("Day"), required=True)
    risk_text = build_remark_field(_("Arguments for and against"))

    def __init__(self, child: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not child:
            del self.fields["best_interest"]


class TravelForm(Form):
    """Form for travel and reception."""

    travels_on = DateField(label=_("Date of travel"), required=True, allow_future=True)
    received_by = AgencyField(
        list_agencies(), label=_("Received by"), required=False, empty_label=_("None of this list")
    )
    escorted = CodeChoiceField("answer", label=_("Escorted"), states=False)
    fit_to_travel = CodeChoiceField("answer", label=_("Fit to travel"), states=False)
    arrangements = build_remark_field(_("Tickets, papers, who meets the person and where"))


class CancelReturnForm(Form):
    """Form for the cancellation of a return."""

    on = DateField(label=_("Day"), required=True)
    reason = CodeChoiceField("return_cancel", label=_("Why"), required=True, states=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))


class FollowUpForm(Form):
    """Form for the outcome of a follow-up."""

    outcome = CodeChoiceField("follow_up_outcome", label=_("How the person is"), required=True, states=False)
    on = DateField(label=_("Day"), required=True)
    remark = build_remark_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": {"on": timezone.localdate()}}))
