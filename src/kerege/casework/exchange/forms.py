"""Form to bring in a file of records."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile as DjangoFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kerege.casework.exchange.formats.days import DAY_FIRST, MONTH_FIRST
from kerege.casework.exchange.formats.options import DROP, FAIL, ReadOptions
from kerege.casework.exchange.formats.sheets import HEAD
from kerege.casework.exchange.formats.sources import UploadedFile
from kerege.casework.exchange.models import LONGEST_NAME
from kerege.linkage.names.full_name import FAMILY_FIRST, GIVEN_FIRST
from kerege.web.forms import Form

ENCODINGS = ("cp1251", "koi8-r", "utf-16")


class UploadForm(Form):
    """Form with a file that is read and not kept; subclasses add the field `file`."""

    def clean_file(self) -> DjangoFile[bytes]:
        """Refuse a file above the limit, which was not kept in memory."""
        file: DjangoFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_LIMIT:
            text = gettext("The file is larger than %(size)d MB. Divide it.")
            raise forms.ValidationError(text % {"size": settings.UPLOAD_LIMIT // (1024 * 1024)})
        return file

    def upload(self) -> UploadedFile:
        """Return the file in memory."""
        file = self.cleaned_data["file"]
        return UploadedFile(file.name, file.read())


class ImportForm(UploadForm):
    """Form with a file of records and the answers about it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX, XLSM, CSV or JSON: IOM's HTCDS workbook, an export of KoboToolbox, or your own list."),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.tsv,.json"}),
    )
    unknown = forms.ChoiceField(
        label=_("Columns that are not known"),
        choices=[(FAIL, _("Ask me")), (DROP, _("Leave them out"))],
        initial=FAIL,
        widget=forms.RadioSelect,
    )
    days = forms.ChoiceField(
        label=_("Order of day and month, if the file does not show it"),
        choices=[
            ("", _("Ask me")),
            (DAY_FIRST, _("First the day, then the month")),
            (MONTH_FIRST, _("First the month, then the day")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    encoding = forms.ChoiceField(
        label=_("Encoding of a CSV file"),
        choices=[("", _("Recognise it")), *((name, name) for name in ENCODINGS)],
        required=False,
        widget=forms.Select,
    )

    map = forms.ChoiceField(label=_("Map of an earlier file"), required=False, widget=forms.Select)
    sheet = forms.CharField(label=_("Sheet, if several hold records"), required=False, max_length=31)
    row = forms.IntegerField(
        label=_("Row of the headings, if another than the proposed one"), required=False, min_value=1, max_value=HEAD
    )
    names = forms.ChoiceField(
        label=_("Full names that no ending divides"),
        choices=[
            ("", _("Keep them whole")),
            (FAMILY_FIRST, _("First the family name")),
            (GIVEN_FIRST, _("First the given name")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    map_name = forms.CharField(
        label=_("Name of the map, to use it again"), required=False, max_length=LONGEST_NAME, widget=forms.TextInput
    )

    def reading(self) -> dict[str, str]:
        """Return the answers about the file that a map keeps."""
        data = self.cleaned_data
        answers = {name: str(data.get(name) or "") for name in ("sheet", "row", "days", "names")}
        return {name: answer for name, answer in answers.items() if answer}

    def options(self) -> ReadOptions:
        """Return the answers about the file."""
        data = self.cleaned_data
        return ReadOptions(unknown=data["unknown"], days=data["days"], encoding=data["encoding"])
