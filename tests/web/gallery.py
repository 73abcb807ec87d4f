"""Addresses of the test server: the product's, and pages with every component, field and error."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone

from kerege.config import urls as product
from kerege.core.pages import public
from kerege.core.pages.page_of_rows import get_page_of_rows
from kerege.web.forms import CodeChoiceField, DateField, Form, PartialDateField

SOURCE = Path(__file__).with_name("gallery.html")


class Sample(Form):
    """Form with one field of each kind."""

    reference = forms.CharField(label="Reference", help_text="As on the letter.")
    sex = CodeChoiceField("sex", label="Sex")
    forms_ = CodeChoiceField("exploitation_form", multiple=True, label="Forms of exploitation")
    country = CodeChoiceField("country", label="Citizenship", widget=forms.Select)
    birth = PartialDateField(label="Date of birth", help_text="What is not known stays empty.")
    due = DateField(label="Due", required=True, allow_future=True)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label="She agrees to the referral", required=False)
    document = forms.FileField(label="Document", required=False)


class Filter(Form):
    """Small filter form."""

    status = CodeChoiceField("case_status", label="Status", widget=forms.Select, states=False, empty="All")
    region = CodeChoiceField("region", label="Region", widget=forms.Select, states=False, empty="All")


def context(form: Form) -> dict[str, Any]:
    """Return the context of the gallery."""
    today = timezone.localdate()
    return {
        "form": form,
        "filter": Filter(),
        "today": today,
        "late": today - timedelta(days=3),
        "page": get_page_of_rows(range(500), 10, "7"),
        "chosen": [{"url": "?", "label": "Open"}],
        "crumbs": [("Cases", "#cases"), ("KZ-2025-00417", "")],
    }


def draw(request: HttpRequest, shell: str, form: Form) -> HttpResponse:
    """Return the gallery in one of the page frames."""
    template = engines["django"].from_string(compiled().replace("shell_template", f'"{shell}"'))
    return HttpResponse(template.render(context(form), request))


def compiled() -> str:
    """Return the gallery's source with compiled <c-…> tags, as the loader would."""
    from django_cotton.compiler_regex import CottonCompiler

    return CottonCompiler().process(SOURCE.read_text(encoding="utf-8"))


@public
def staff(request: HttpRequest) -> HttpResponse:
    """Show every component in the staff frame."""
    return draw(request, "base.html", Sample())


@public
def faults(request: HttpRequest) -> HttpResponse:
    """Show every field with a fault."""
    data = {"birth_day": "31", "birth_month": "2", "birth_year": "1998", "sex": "x", "due_day": "1"}
    return draw(request, "public.html", Sample(data))


@public
def error(request: HttpRequest, code: str) -> HttpResponse:
    """Show an error page as Django would."""
    if code in ("400", "500"):
        return HttpResponse(render_to_string(f"{code}.html"))
    return render(request, f"{code}.html")


urlpatterns = [
    *i18n_patterns(
        path("gallery/", staff, name="gallery"),
        path("gallery/faults/", faults),
        path("gallery/error/<slug:code>/", error),
    ),
    *product.urlpatterns,
]
