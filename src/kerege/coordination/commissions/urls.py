"""URLs of commissions."""

from __future__ import annotations

from django.urls import path

from kerege.coordination.commissions.views import commissions, meetings, resolutions

app_name = "commissions"
urlpatterns = [
    path("work/commissions/", commissions.list_commissions, name="list"),
    path("work/commissions/new/", commissions.new_commission, name="new"),
    path("work/commissions/decisions/", resolutions.list_own, name="own"),
    path("work/commissions/decisions/<uuid:pk>/", resolutions.write_report, name="report"),
    path("work/commissions/decisions/<uuid:pk>/decide/", resolutions.decide_report, name="decide"),
    path("work/commissions/<uuid:pk>/", commissions.show_commission, name="commission"),
    path("work/commissions/<uuid:pk>/members/", commissions.add_member, name="member"),
    path("work/commissions/<uuid:pk>/sessions/", meetings.new_meeting, name="new-meeting"),
    path("work/commissions/sessions/<uuid:pk>/", meetings.show_meeting, name="meeting"),
    path("work/commissions/sessions/<uuid:pk>/change/", meetings.change_meeting, name="change-meeting"),
    path("work/commissions/sessions/<uuid:pk>/item/", meetings.add_item, name="item"),
    path("work/commissions/sessions/<uuid:pk>/decision/", meetings.add_resolution, name="resolution"),
    path("work/commissions/sessions/<uuid:pk>/papers/", meetings.download_papers, name="papers"),
]
