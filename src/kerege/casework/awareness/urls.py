"""URLs of campaigns and of the hotline register."""

from __future__ import annotations

from django.urls import path

from kerege.casework.awareness import views

app_name = "awareness"
urlpatterns = [
    path("work/campaigns/", views.show_campaigns, name="list"),
    path("work/campaigns/new/", views.new_campaign, name="new"),
    path("work/campaigns/<uuid:pk>/", views.show_campaign, name="read"),
    path("work/campaigns/<uuid:pk>/change/", views.change_campaign, name="campaign"),
    path("work/campaigns/<uuid:pk>/remove/", views.remove_campaign, name="remove"),
    path("work/contacts/", views.record_contact, name="contacts"),
]
