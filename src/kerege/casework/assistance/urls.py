"""Addresses of assistance."""

from __future__ import annotations

from django.urls import path

from kerege.casework.assistance import views

app_name = "assistance"
urlpatterns = [
    path("work/cases/<uuid:pk>/service/", views.add_service, name="add-service"),
    path("work/cases/<uuid:pk>/service/<uuid:service>/end/", views.end_service, name="end-service"),
    path("work/cases/<uuid:pk>/consent/", views.add_consent, name="add-consent"),
    path("work/cases/<uuid:pk>/consent/<uuid:consent>/withdraw/", views.withdraw_consent, name="withdraw-consent"),
    path("work/cases/<uuid:pk>/refer/", views.refer, name="refer"),
    path("work/referrals/", views.referral_inbox, name="referral-inbox"),
    path("work/referrals/<uuid:pk>/", views.referral, name="referral"),
]
