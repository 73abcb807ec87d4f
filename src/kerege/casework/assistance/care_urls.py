"""Addresses of needs, plan, services, shelter, documents, return and contact."""

from __future__ import annotations

from django.urls import path

from kerege.casework.assistance.views import care, contact, needs, plan, returning, shelter

CASE = "work/cases/<uuid:pk>"
SERVICE, PLAN = f"{CASE}/service/<uuid:service>", f"{CASE}/plan/<uuid:plan>"
STAY, JOURNEY = f"{CASE}/stay/<uuid:stay>", f"{CASE}/return/<uuid:journey>"

urlpatterns = [
    path(f"{CASE}/service/", care.add_service, name="add-service"),
    path(f"{SERVICE}/", care.service, name="service"),
    path(f"{SERVICE}/give/", care.deliver, name="deliver"),
    path(f"{SERVICE}/end/", care.end_service, name="end-service"),
    path(f"{SERVICE}/begin/", care.begin_service, name="begin-service"),
    path(f"{SERVICE}/goal/", care.service_goal, name="service-goal"),
    path(f"{CASE}/needs/", needs.needs, name="needs"),
    path(f"{CASE}/needs/new/", needs.assess, name="assess"),
    path(f"{CASE}/contact/", contact.contact, name="contact"),
    path(f"{CASE}/contact/rules/", contact.contact_rules, name="contact-rules"),
    path(f"{CASE}/plan/", plan.add_plan, name="add-plan"),
    path(f"{PLAN}/", plan.plan, name="plan"),
    path(f"{PLAN}/print/", plan.print_plan, name="print-plan"),
    path(f"{PLAN}/goal/", plan.add_goal, name="add-goal"),
    path(f"{PLAN}/answer/", plan.agree, name="agree"),
    path(f"{PLAN}/review/", plan.review, name="review"),
    path(f"{PLAN}/approval/", plan.ask_approval, name="ask-approval"),
    path(f"{PLAN}/end/", plan.end_plan, name="end-plan"),
    path(f"{CASE}/goal/<uuid:goal>/end/", plan.end_goal, name="end-goal"),
    path(f"{CASE}/stay/", shelter.arrive, name="arrive"),
    path(f"{STAY}/bed/", shelter.move_bed, name="move-bed"),
    path(f"{STAY}/leave/", shelter.leave, name="leave"),
    path(f"{STAY}/extend/", shelter.extend, name="extend"),
    path(f"{CASE}/document/", returning.document, name="add-document"),
    path(f"{CASE}/document/<uuid:document>/", returning.document, name="document"),
    path(f"{CASE}/return/", returning.add_return, name="add-return"),
    path(f"{JOURNEY}/", returning.journey, name="journey"),
    path(f"{JOURNEY}/risk/", returning.assess_return, name="assess-return"),
    path(f"{JOURNEY}/travel/", returning.arrange_return, name="arrange-return"),
    path(f"{JOURNEY}/depart/", returning.depart, name="depart"),
    path(f"{JOURNEY}/arrive/", returning.arrived, name="arrived"),
    path(f"{JOURNEY}/cancel/", returning.cancel_return, name="cancel-return"),
    path(f"{CASE}/follow-up/<uuid:follow_up>/", returning.follow_up, name="follow-up"),
    path("work/shelter/", shelter.shelter, name="shelter"),
    path("work/shelter/bed/", shelter.add_bed, name="add-bed"),
    path("work/shelter/bed/<uuid:bed>/", shelter.change_bed, name="change-bed"),
]
