"""Pages of the consent ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template import loader
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.base.errors import BadInput
from kerege.casework.assistance.forms import consents
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.queries import referrals
from kerege.casework.assistance.services import consent_forms, returns
from kerege.casework.assistance.services import consents as consent_services
from kerege.casework.assistance.services.consent_text import VERSION
from kerege.casework.cases import identity_mapping
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.vocabulary.languages import BUILT_IN
from kerege.web.templatetags.kerege import code, language


@pages.page("cases.share")
@BOTH
def add_consent(request: HttpRequest, pk: Any) -> HttpResponse:
    """Record an entry of the consent ledger."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.share")
    form = consents.ConsentForm(case, request.POST or None)
    form.fields["explained"].help_text = _("A point that is not ticked counts as not explained.")

    def save(data: dict[str, Any]) -> None:
        names = consent_services.Names(data.pop("witness"), data.pop("guardian"))
        entry = consent_services.record_consent(actor, Consent(case=case, text_version=VERSION, **data), names)
        if entry.not_explained:
            points = "; ".join(code(point, "consent_point") for point in entry.not_explained)
            messages.warning(request, _("Not explained to the person: %(points)s.") % {"points": points})

    words = (_("Record the answer"), _("Save"), _("The answer is recorded."))
    child = returns.is_child(actor, case, timezone.localdate())
    return change(
        request, case, form, save, words=words, template="assistance/consent.html", versioned=False, is_child=child
    )


@pages.page("cases.share")
@BOTH
def withdraw_consent(request: HttpRequest, pk: Any, consent: Any) -> HttpResponse:
    """Show what ends with a consent; a POST withdraws it."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.share")
    row = get_object_or_404(Consent.objects.select_related("recipient"), pk=consent, case=case, given=True)
    if request.method != "POST":
        context: dict[str, Any] = {"consent": row, "resting": referrals.resting_on(row)}
        context |= bar(actor, case, vault.read(actor, case.record))
        return TemplateResponse(request, "assistance/withdraw.html", context)
    try:
        closed = consent_services.withdraw_consent(actor, row, timezone.localdate())
    except BadInput as error:
        messages.error(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
    else:
        messages.success(request, _("The consent is withdrawn. Shares closed: %(count)s.") % {"count": closed})
    return redirect(f"{reverse('cases:case', kwargs={'pk': case.pk})}?tab=sharing")


@pages.page("cases.share")
@require_GET
def print_consent_form(request: HttpRequest, pk: Any, consent: Any = None) -> HttpResponse:
    """Print the consent form in the person's language if available; it reveals nothing to an onlooker.

    Without an entry of the ledger it is a blank form to fill in by hand.
    """
    actor = actor_of(request)
    case = load(actor, pk, "cases.share")
    rows = Consent.objects.select_related("recipient", "witness__data_key", "guardian__data_key")
    row = get_object_or_404(rows, pk=consent, case=case) if consent else None
    identity = vault.read(actor, case.record)
    version = row.text_version if row and row.text_version else VERSION
    form_languages = consent_forms.names(version)
    languages = [row.language] if row else identity.get("languages", [])
    person_language = next((code for code in languages if code in form_languages), next(iter(languages), ""))
    chosen_language = request.GET.get("in", person_language)
    with translation.override(chosen_language if chosen_language in BUILT_IN else language()):
        printed_form = consent_forms.build_consent_form(chosen_language, version)
        context = {
            "case": case,
            "consent": row,
            "sheet": printed_form,
            "say": printed_form.say,
            "languages": form_languages,
            "name": identity_mapping.display(identity),
            "data": ", ".join(printed_form.code(name, "data_category") for name in row.categories) if row else "",
            "purpose": printed_form.code(row.purpose, "consent_purpose") if row else "",
            "manner": printed_form.code(row.manner, "consent_manner") if row else "",
            "relation": printed_form.code(row.guardian_relation, "guardian_relation") if row else "",
            "on": printed_form.day(row.on) if row else "",
            "until": printed_form.day(row.until) if row else "",
            "points": [
                (point_text, row is not None and name in row.explained)
                for name, point_text in printed_form.points.items()
            ],
            "witness": open_text(row.witness) if row else "",
            "guardian": open_text(row.guardian) if row else "",
            # without a form in the person's language, an interpreter reads it aloud
            "interpreted": "" if person_language in form_languages else person_language,
            "today": timezone.localdate(),
        }
        # render now, while the person's language is active
        return HttpResponse(loader.render_to_string("assistance/consent_form.html", context, request))
