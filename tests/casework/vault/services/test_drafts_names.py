"""Stored drafts bear the name of their form; a form that is renamed keeps finding them."""

from __future__ import annotations

import pytest

from kerege.casework.assistance.forms.contact import ContactAttemptForm
from kerege.casework.assistance.forms.plans import PlanReviewForm
from kerege.casework.assistance.forms.referrals import ReferralAnswerForm
from kerege.casework.awareness.forms import CampaignYearForm, HotlineContactForm
from kerege.casework.cases.forms.emergency_access import EmergencyReviewForm
from kerege.casework.intake.forms.identification import DecisionReviewForm
from kerege.casework.persons.forms import ReopenPairForm, ReviewAnswerForm
from kerege.casework.vault.draft_middleware import form_name
from kerege.web.forms import Form

FIRST_NAMES: dict[type[Form], str] = {
    ContactAttemptForm: "ContactForm",
    PlanReviewForm: "ReviewForm",
    ReferralAnswerForm: "AnswerForm",
    CampaignYearForm: "YearForm",
    DecisionReviewForm: "ReviewForm",
    EmergencyReviewForm: "ReviewForm",
    HotlineContactForm: "ContactForm",
    ReopenPairForm: "ReasonForm",
    ReviewAnswerForm: "AnswerForm",
}


@pytest.mark.parametrize("form", FIRST_NAMES)
def test_a_renamed_form_keeps_the_name_under_which_its_drafts_are_stored(form: type[Form]) -> None:
    unbound = form.__new__(form)
    unbound.prefix = None
    assert form_name(unbound) == FIRST_NAMES[form]
