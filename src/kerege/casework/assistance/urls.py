"""URLs of the assistance app."""

from __future__ import annotations

from django.urls import path

from kerege.casework.assistance import plan_urls
from kerege.casework.assistance.views import consents, handovers, referral_inbox, referrals, transfer_requests

app_name = "assistance"
urlpatterns = [
    *plan_urls.urlpatterns,
    path("work/cases/<uuid:pk>/consent/", consents.add_consent, name="add-consent"),
    path("work/cases/<uuid:pk>/consent/<uuid:consent>/withdraw/", consents.withdraw_consent, name="withdraw-consent"),
    path("work/cases/<uuid:pk>/refer/", referrals.send_referral, name="refer"),
    path("work/handovers/", handovers.show_handovers, name="handovers"),
    path("work/handovers/new/", handovers.offer_caseload, name="offer-caseload"),
    path("work/handovers/<uuid:pk>/", handovers.show_handover, name="handover"),
    path("work/handovers/pack/<uuid:pk>/", handovers.show_handover_pack, name="handover-pack"),
    path("work/cases/<uuid:pk>/handover/", handovers.offer_case, name="offer-case"),
    path("work/transfers/new/", transfer_requests.request_transfer, name="request-transfer"),
    path("work/transfers/", transfer_requests.transfer_queue, name="transfer-queue"),
    path("work/transfers/<uuid:pk>/", transfer_requests.answer_transfer, name="answer-transfer"),
    path("work/cases/<uuid:pk>/consent/form/", consents.print_consent_form, name="consent-form"),
    path("work/cases/<uuid:pk>/consent/<uuid:consent>/form/", consents.print_consent_form, name="consent-print"),
    path("work/cases/<uuid:pk>/share/", referrals.share_case, name="share"),
    path("work/cases/<uuid:pk>/share/<int:share>/end/", referrals.end_share, name="end-share"),
    path("work/referrals/", referral_inbox.show_inbox, name="referral-inbox"),
    path("work/referrals/silent/", referral_inbox.show_unanswered, name="silent"),
    path("work/referrals/offer/", referral_inbox.change_offer, name="offer"),
    path("work/referrals/<uuid:pk>/", referral_inbox.show_referral, name="referral"),
    path("work/referrals/<uuid:pk>/claim/", referral_inbox.claim_referral, name="claim"),
    path("work/referrals/<uuid:pk>/assign/", referral_inbox.assign_referral, name="assign-referral"),
    path("work/referrals/<uuid:pk>/withdraw/", referral_inbox.withdraw_referral, name="withdraw-referral"),
]
