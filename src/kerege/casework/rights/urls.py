"""URLs of the rights app."""

from __future__ import annotations

from django.urls import path

from kerege.casework.rights.views import legal_stay

app_name = "rights"
STAY = "work/cases/<uuid:pk>/legal-stay"

urlpatterns = [
    path("work/legal-stay/", legal_stay.list_stays, name="stays"),
    path(f"{STAY}/", legal_stay.show_stay, name="legal-stay"),
    path(f"{STAY}/right/", legal_stay.save_right, name="add-right"),
    path(f"{STAY}/right/<uuid:stay_right>/", legal_stay.save_right, name="change-right"),
    path(f"{STAY}/entry/", legal_stay.save_entry, name="add-entry"),
    path(f"{STAY}/entry/<uuid:country_stay>/", legal_stay.save_entry, name="change-entry"),
    path(f"{STAY}/step/", legal_stay.record_step, name="stay-step"),
    path(f"{STAY}/letter/", legal_stay.print_letter, name="stay-letter"),
]
