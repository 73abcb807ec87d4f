"""URLs of needs, plan, services, shelter, documents, return and contact."""

from __future__ import annotations

from django.urls import path

from kerege.casework.assistance.views import contact, needs, plans, provision, returns, shelter

CASE = "work/cases/<uuid:pk>"
SERVICE, PLAN = f"{CASE}/service/<uuid:service>", f"{CASE}/plan/<uuid:plan>"
STAY, JOURNEY = f"{CASE}/stay/<uuid:stay>", f"{CASE}/return/<uuid:journey>"

urlpatterns = [
    path(f"{CASE}/service/", provision.add_service, name="add-service"),
    path(f"{SERVICE}/", provision.show_service, name="service"),
    path(f"{SERVICE}/give/", provision.record_delivery, name="deliver"),
    path(f"{SERVICE}/end/", provision.end_service, name="end-service"),
    path(f"{SERVICE}/begin/", provision.begin_service, name="begin-service"),
    path(f"{SERVICE}/goal/", provision.set_service_goal, name="service-goal"),
    path(f"{CASE}/needs/", needs.show_needs, name="needs"),
    path(f"{CASE}/needs/new/", needs.assess, name="assess"),
    path(f"{CASE}/contact/", contact.show_contact, name="contact"),
    path(f"{CASE}/contact/rules/", contact.change_contact_rules, name="contact-rules"),
    path(f"{CASE}/plan/", plans.add_plan, name="add-plan"),
    path(f"{PLAN}/", plans.show_plan, name="plan"),
    path(f"{PLAN}/print/", plans.print_plan, name="print-plan"),
    path(f"{PLAN}/goal/", plans.add_goal, name="add-goal"),
    path(f"{PLAN}/answer/", plans.record_agreement, name="agree"),
    path(f"{PLAN}/review/", plans.record_review, name="review"),
    path(f"{PLAN}/approval/", plans.ask_approval, name="ask-approval"),
    path(f"{PLAN}/end/", plans.end_plan, name="end-plan"),
    path(f"{CASE}/goal/<uuid:goal>/end/", plans.end_goal, name="end-goal"),
    path(f"{CASE}/stay/", shelter.begin_stay, name="arrive"),
    path(f"{STAY}/bed/", shelter.move_bed, name="move-bed"),
    path(f"{STAY}/leave/", shelter.end_stay, name="leave"),
    path(f"{STAY}/extend/", shelter.extend_stay, name="extend"),
    path(f"{CASE}/document/", returns.save_document, name="add-document"),
    path(f"{CASE}/document/<uuid:document>/", returns.save_document, name="document"),
    path(f"{CASE}/return/", returns.add_return, name="add-return"),
    path(f"{JOURNEY}/", returns.show_return, name="journey"),
    path(f"{JOURNEY}/risk/", returns.assess_return, name="assess-return"),
    path(f"{JOURNEY}/travel/", returns.arrange_return, name="arrange-return"),
    path(f"{JOURNEY}/depart/", returns.record_departure, name="depart"),
    path(f"{JOURNEY}/arrive/", returns.record_arrival, name="arrived"),
    path(f"{JOURNEY}/cancel/", returns.cancel_return, name="cancel-return"),
    path(f"{CASE}/follow-up/<uuid:follow_up>/", returns.record_follow_up, name="follow-up"),
    path("work/shelter/", shelter.show_shelter, name="shelter"),
    path("work/shelter/bed/", shelter.add_bed, name="add-bed"),
    path("work/shelter/bed/<uuid:bed>/", shelter.change_bed, name="change-bed"),
]
