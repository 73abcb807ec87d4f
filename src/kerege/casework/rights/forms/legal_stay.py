"""Forms of the right to stay."""

from __future__ import annotations

from itertools import chain

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kerege.casework.assistance.forms.form_fields import build_remark_field
from kerege.casework.cases.forms.records import build_file_field, clean_upload
from kerege.casework.cases.services.attachments import FileDraft
from kerege.casework.rights.forms.values import Values
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight
from kerege.core.uploads import Cleaned
from kerege.web.forms import CodeChoiceField, DateField, Form

# step -> kind of its document
DOCUMENTS = {
    "permit": "temporary_residence_permit",
    "identity_paper": "passport",
    "application": "statement",
    "appeal": "statement",
}
# step -> fields that only it has
OWN_FIELDS = {"application": ("decided",), "permit": ("permit_from", "permit_until"), "refusal": ("refusal",)}


class StayRightForm(Form):
    """Form of a ground of the right to stay and its document."""

    ground = CodeChoiceField("stay_ground", label=_("Ground"), required=True, states=("unknown",), widget=forms.Select)
    from_on = DateField(label=pgettext_lazy("start date", "From"), allow_future=True)
    until = DateField(
        label=_("Until"), allow_future=True, help_text=_("As the document says. Empty: the document states no end.")
    )
    document = CodeChoiceField("document_kind", label=_("Document"), states=False, widget=forms.Select)
    number = forms.CharField(
        label=_("Number of the document"), required=False, max_length=60, help_text=_("Stored encrypted.")
    )
    source = CodeChoiceField("stay_source", label=_("How this is known"), required=True, states=False)

    @classmethod
    def of(cls, row: StayRight | None, number: str, data: QueryDict | None = None) -> StayRightForm:
        """Return the form of a right, or of a new one when `row` is None."""
        values = {name: getattr(row, name) for name in cls.base_fields if name != "number"} if row else {}
        return cls(data, initial=values | {"number": number})


class CountryStayForm(Form):
    """Form of a time in the country."""

    entered_on = DateField(label=_("Entered the country on"), required=True)
    left_on = DateField(label=_("Left the country on"), help_text=_("Empty: the person is still here."))
    source = CodeChoiceField("stay_source", label=_("How this is known"), required=True, states=False)

    @classmethod
    def of(cls, row: CountryStay | None, data: QueryDict | None = None) -> CountryStayForm:
        """Return the form of a time in the country, or of a new one when `row` is None."""
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields} if row else None)


class StayStepForm(Form):
    """Form of a step that was done."""

    kind = CodeChoiceField("stay_step", label=_("Step"), required=True, states=False, widget=forms.Select)
    done_on = DateField(label=_("Day"), required=True)
    decided = forms.BooleanField(
        label=_("The person decided to apply, after it was explained in a language they understand"),
        required=False,
        help_text=_("Only for the application."),
    )
    permit_from = DateField(label=_("Permit valid from"), allow_future=True, help_text=_("Only for a permit."))
    permit_until = DateField(label=_("Permit valid until"), allow_future=True, help_text=_("Only for a permit."))
    refusal = CodeChoiceField(
        "stay_refusal",
        label=_("Why it was refused"),
        states=False,
        widget=forms.Select,
        help_text=_("Only for a refusal."),
    )
    file = build_file_field(required=False)
    remark = build_remark_field()
    content: Cleaned | None = None

    @classmethod
    def of(
        cls, kind: str, data: QueryDict | None = None, files: MultiValueDict[str, UploadedFile[bytes]] | None = None
    ) -> StayStepForm:
        """Return the form of a step of a kind, done today; without a kind it has a field for the kind."""
        form = cls(data, files, initial={"kind": kind, "done_on": timezone.localdate()})
        if kind:
            form.fields["kind"].disabled = True
            form.fields["kind"].widget = forms.HiddenInput()
            for name in chain.from_iterable(names for step, names in OWN_FIELDS.items() if step != kind):
                del form.fields[name]
        return form

    def clean_file(self) -> UploadedFile[bytes] | None:
        """Check and sanitise the document of the step, if there is one."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        self.content = clean_upload(file) if file else None
        return file

    def document(self) -> FileDraft | None:
        """Return the document of the step to store; None without a file."""
        if self.content is None:
            return None
        data = self.cleaned_data
        kind = DOCUMENTS.get(data["kind"], "other")
        return FileDraft(self.content, kind, data["done_on"], str(data["file"].name))

    def clean(self) -> Values:
        """Check what belongs to the application, the permit and the refusal."""
        data: Values = super().clean() or {}
        kind = data.get("kind")
        if kind == "application" and not data.get("decided"):
            self.add_error("decided", ValidationError(_("Only the person decides on the application.")))
        if kind != "refusal" and data.get("refusal"):
            self.add_error("refusal", ValidationError(_("Only a refusal has a reason.")))
        if kind != "permit" and (data.get("permit_from") or data.get("permit_until")):
            self.add_error("permit_from", ValidationError(_("Only a permit has these days.")))
        if self.errors and data.get("file"):
            self.add_error("file", _("Choose the file again. The browser does not save it."))
        return data
