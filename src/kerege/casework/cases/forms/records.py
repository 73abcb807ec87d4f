"""Forms of attachments, legal holds and erasure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kerege.base.errors import BadInput
from kerege.casework.cases.services.attachments import FileDraft
from kerege.core.uploads import Cleaned
from kerege.core.uploads import clean as uploads_clean
from kerege.web.forms import CodeChoiceField, DateField, Form

LONGEST = 2000


def _upload_limits_text() -> str:
    """Return the help text about the size and format of files, in the active language."""
    words = gettext(
        "At most %(size)d MB: JPEG, PNG or WEBP pictures, PDF, Word (DOCX), Excel (XLSX) or ODT. Not accepted: macros, "
        "passwords, files inside files. The place and the camera are removed from pictures, and the author and the "
        "program from documents. Names in comments and tracked changes stay."
    )
    return words % {"size": settings.UPLOAD_LIMIT // (1024 * 1024)}


def build_file_field(*, required: bool = True) -> forms.FileField:
    """Return the field of an uploaded file."""
    return forms.FileField(
        label=_("File"),
        required=required,
        help_text=lazy(_upload_limits_text, str)(),
        allow_empty_file=True,  # `clean_file` reports an empty file with its own message
        error_messages={"required": _("Choose a file."), "max_length": _("The name of the file is too long.")},
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.webp,.pdf,.docx,.xlsx,.odt"}),
    )


def clean_upload(file: UploadedFile[bytes]) -> Cleaned:
    """Check and sanitise an uploaded file. A file above the limit is refused before it is read."""
    try:
        if (file.size or 0) > settings.UPLOAD_LIMIT:
            raise uploads_clean.refusal("large")
        return uploads_clean.clean(file.read())
    except BadInput as error:
        raise forms.ValidationError(
            [capfirst(f"{gettext(f.what)}: {gettext(f.todo)}.") for f in error.faults]
        ) from None


class FileForm(Form):
    """Form for a file with its kind, date and note. The file is scanned and rewritten, then stored."""

    file = build_file_field()
    kind = CodeChoiceField("document_kind", label=_("What it is"), required=True, states=False, widget=forms.Select)
    dated_on = DateField(label=_("Date on the document"))
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stored encrypted, like the file and its name."),
    )
    content: Cleaned | None = None

    def clean_file(self) -> Any:
        """Check and sanitise the content."""
        file = self.cleaned_data["file"]
        self.content = clean_upload(file)
        return file

    def clean(self) -> dict[str, Any]:
        """Ask to choose the file again after an error, because the browser does not keep it."""
        data = super().clean() or self.cleaned_data
        if self.errors and "file" not in self.errors:
            self.add_error("file", _("Choose the file again. The browser does not save it."))
        return data

    def draft(self) -> FileDraft:
        """Return the file to store. Raises ValueError before a successful `clean_file`."""
        data = self.cleaned_data
        if self.content is None:
            raise ValueError("the form was not checked")
        return FileDraft(self.content, data["kind"], data["dated_on"], str(data["file"].name), data["note"])


class RemoveFileForm(Form):
    """Form for the reason to remove a file."""

    reason = CodeChoiceField("file_removal_reason", label=_("Why"), required=True, states=False)


class HoldForm(Form):
    """Form for the ground of a legal hold and its last day."""

    ground = CodeChoiceField("hold_ground", label=_("Ground"), required=True, states=False)
    reason = forms.CharField(
        label=_("Explanation"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stored encrypted."),
    )
    until = DateField(
        label=_("Until"), allow_future=True, help_text=_("If empty, it is valid until a supervisor ends it.")
    )


class ErasureForm(Form):
    """Form for the ground of an erasure request and its day."""

    ground = CodeChoiceField("erasure_ground", label=_("Why"), required=True, states=False)
    asked_on = DateField(label=_("Asked on"), required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"asked_on": timezone.localdate()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        choices = [(code, label) for code, label in self.fields["ground"].choices if code != "term_over"]  # type: ignore[attr-defined]
        self.fields["ground"].choices = choices  # type: ignore[attr-defined]


class DecideErasureForm(Form):
    """Form for the decision on an erasure request."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[("erased", _("Erase. This cannot be undone")), ("declined", _("Decline"))],
        widget=forms.RadioSelect,
    )
    refusal = CodeChoiceField("erasure_refusal", label=_("If declined: why"), states=False, widget=forms.Select)

    def clean(self) -> dict[str, Any]:
        """Require a reason for declining, which can be given to the person."""
        data = super().clean() or self.cleaned_data
        if data.get("outcome") == "declined" and not data.get("refusal"):
            self.add_error("refusal", _("Choose a reason that can be given to the person."))
        return data
