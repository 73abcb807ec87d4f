"""URLs of the rights app."""

from __future__ import annotations

from django.urls import path

from kerege.casework.rights.views import case_records, legal_stay, survey

app_name = "rights"
KINDS = tuple(case_records.KINDS)
STAY, RIGHTS = "work/cases/<uuid:pk>/legal-stay", "work/cases/<uuid:pk>/rights"

urlpatterns = [
    path("work/legal-stay/", legal_stay.list_stays, name="stays"),
    path(f"{STAY}/", legal_stay.show_stay, name="legal-stay"),
    path(f"{STAY}/right/", legal_stay.save_right, name="add-right"),
    path(f"{STAY}/right/<uuid:stay_right>/", legal_stay.save_right, name="change-right"),
    path(f"{STAY}/entry/", legal_stay.save_entry, name="add-entry"),
    path(f"{STAY}/entry/<uuid:country_stay>/", legal_stay.save_entry, name="change-entry"),
    path(f"{STAY}/step/", legal_stay.record_step, name="stay-step"),
    path(f"{STAY}/letter/", legal_stay.print_letter, name="stay-letter"),
    path("work/legal-aid/", case_records.list_legal_aid, name="legal-aid-list"),
    path("work/questions/", survey.show_survey, name="survey"),
    path("work/questions/sheet/", survey.print_sheet, name="survey-sheet"),
    path(f"{RIGHTS}/", case_records.show_rights, name="person"),
    *(path(f"{RIGHTS}/{kind}/", case_records.save_record, {"what": kind}, name=kind) for kind in KINDS),
    *(
        path(f"{RIGHTS}/{kind}/<uuid:{field}>/", case_records.save_record, {"what": kind}, name=f"change-{kind}")
        for kind, field in ((kind, kind.replace("-", "_")) for kind in KINDS)
    ),
]
