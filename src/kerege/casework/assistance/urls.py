"""URLs of the assistance app."""

from __future__ import annotations

from django.urls import path

from kerege.casework.assistance import plan_urls
from kerege.casework.assistance.views import consents, referral_inbox, referrals, transfer_requests
from kerege.casework.assistance.views import handovers as handing

app_name = "assistance"
urlpatterns = [
    *plan_urls.urlpatterns,
    path("work/cases/<uuid:pk>/consent/", consents.add_consent, name="add-consent"),
    path("work/cases/<uuid:pk>/consent/<uuid:consent>/withdraw/", consents.withdraw_consent, name="withdraw-consent"),
    path("work/cases/<uuid:pk>/refer/", referrals.refer, name="refer"),
    path("work/handovers/", handing.handovers, name="handovers"),
    path("work/handovers/new/", handing.offer_caseload, name="offer-caseload"),
    path("work/handovers/<uuid:pk>/", handing.handover, name="handover"),
    path("work/handovers/pack/<uuid:pk>/", handing.handover_pack, name="handover-pack"),
    path("work/cases/<uuid:pk>/handover/", handing.offer_case, name="offer-case"),
    path("work/transfers/new/", transfer_requests.request_transfer, name="request-transfer"),
    path("work/transfers/", transfer_requests.transfer_queue, name="transfer-queue"),
    path("work/transfers/<uuid:pk>/", transfer_requests.answer_transfer, name="answer-transfer"),
    path("work/cases/<uuid:pk>/consent/form/", consents.consent_form, name="consent-form"),
    path("work/cases/<uuid:pk>/consent/<uuid:consent>/form/", consents.consent_form, name="consent-print"),
    path("work/cases/<uuid:pk>/share/", referrals.share, name="share"),
    path("work/cases/<uuid:pk>/share/<int:share>/end/", referrals.end_share, name="end-share"),
    path("work/referrals/", referral_inbox.referral_inbox, name="referral-inbox"),
    path("work/referrals/silent/", referral_inbox.silent, name="silent"),
    path("work/referrals/offer/", referral_inbox.offer, name="offer"),
    path("work/referrals/<uuid:pk>/", referral_inbox.referral, name="referral"),
    path("work/referrals/<uuid:pk>/claim/", referral_inbox.claim, name="claim"),
    path("work/referrals/<uuid:pk>/assign/", referral_inbox.assign, name="assign-referral"),
    path("work/referrals/<uuid:pk>/withdraw/", referral_inbox.withdraw, name="withdraw-referral"),
]
