"""URLs of signals, screenings, decision requests, notifications and reviews."""

from __future__ import annotations

from django.urls import path

from kerege.casework.intake.views import identification, outside_reports, screening, signals

app_name = "intake"
urlpatterns = [
    path("work/signals/", signals.signal_list, name="signal-list"),
    path("work/signals/new/", signals.new_signal, name="new-signal"),
    path("work/signals/paper/", outside_reports.enter_paper, name="enter-paper"),
    path("work/signals/look-up/", signals.look_up, name="look-up"),
    path("work/signals/<uuid:pk>/", signals.signal, name="signal"),
    path("work/signals/<uuid:pk>/sent/", signals.sent, name="sent"),
    path("work/signals/<uuid:pk>/close/", signals.close, name="close"),
    path("work/signals/<uuid:pk>/case/", signals.open_case, name="open-case"),
    path("work/signals/<uuid:pk>/screening/", screening.of_signal, name="screen-signal"),
    path("work/cases/<uuid:pk>/screening/", screening.of_case, name="screen-case"),
    path("work/screenings/<uuid:pk>/", screening.show_screening, name="screening"),
    path("work/screenings/<uuid:pk>/ask/<slug:part>/", screening.ask, name="ask"),
    path("work/screenings/<uuid:pk>/conclude/", screening.conclude, name="conclude"),
    path("work/screenings/<uuid:pk>/discard/", screening.discard, name="discard"),
    path("work/screenings/<uuid:pk>/read/", screening.read, name="screening-read"),
    path("work/decisions/", identification.queue, name="queue"),
    path("work/cases/<uuid:pk>/ask-for-decision/", identification.ask_for_decision, name="request"),
    path("work/decision-requests/<uuid:pk>/withdraw/", identification.withdraw_request, name="withdraw-request"),
    path("work/decisions/<uuid:pk>/notify/", identification.notify, name="notify"),
    path("work/decisions/<uuid:pk>/notice/", identification.notice, name="notice"),
    path("work/decisions/<uuid:pk>/review/", identification.review, name="review"),
    path("work/statuses/", identification.statuses, name="statuses"),
]
