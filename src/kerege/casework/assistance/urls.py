"""Addresses of assistance."""

from __future__ import annotations

from django.urls import path

from kerege.casework.assistance.views import care, consents, referrals

app_name = "assistance"
urlpatterns = [
    path("work/cases/<uuid:pk>/service/", care.add_service, name="add-service"),
    path("work/cases/<uuid:pk>/service/<uuid:service>/end/", care.end_service, name="end-service"),
    path("work/cases/<uuid:pk>/consent/", consents.add_consent, name="add-consent"),
    path("work/cases/<uuid:pk>/consent/<uuid:consent>/withdraw/", consents.withdraw_consent, name="withdraw-consent"),
    path("work/cases/<uuid:pk>/refer/", referrals.refer, name="refer"),
    path("work/referrals/", referrals.referral_inbox, name="referral-inbox"),
    path("work/referrals/<uuid:pk>/", referrals.referral, name="referral"),
]
