"""Rights of the persons of one centre: stay, legal aid, complaints, children, in every state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import cycle

from kerege.casework.cases.models.case import Case
from kerege.casework.rights.models.child import AgeDoubt, BestInterest, Guardian
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep
from kerege.casework.rights.models.person_rights import Complaint, Reflection, RightsTold, SurveyAnswer
from kerege.casework.rights.queries.legal_stay import is_foreigner
from kerege.casework.rights.services import child, legal_aid, legal_stay, person_rights
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.demo.programme.another_country import adapt_code, translate_note
from kerege.demo.programme.staff import HOME
from kerege.vocabulary import codes
from kerege.vocabulary.dates import half
from kerege.vocabulary.profile import active

CHILDREN = {"0_8", "9_17"}
LAWYER = "Адвокат Г. Сейітова, +7 701 555 01 07"
MATTERS = ("criminal_victim", "wages", "stay", "documents", "civil_claim", "own_charge", "family")
# complaints: agency, subject and outcome; an empty outcome means that the receiver has not answered
COMPLAINTS = (
    ("police-35", "conduct", ""),
    ("social-35", "help", "upheld"),
    ("health-35", "data", "partly"),
    ("police-35", "decision", "rejected"),
    ("ngo-almaty", "help", "withdrawn"),
)
RECEIVER = "ombudsman"
Steps = Sequence[tuple[str, int]]  # kind of a step, and days before today


def load_rights(actor: Actor, cases: Mapping[str, Case], agencies: Mapping[str, Agency], today: date) -> None:
    """Add records about the rights of persons to the live cases of the home centre."""
    mine = [case for key, case in cases.items() if key.startswith("live-mine")]
    adults = [case for case in mine if case.age_band not in CHILDREN]
    load_stays(actor, [case for case in adults if is_foreigner(case)], today)
    load_legal_aid(actor, adults, today)
    load_charges(actor, adults, today)
    load_told(actor, adults, today)
    load_complaints(actor, adults, agencies, today)
    load_children(actor, [case for case in mine if case.age_band in CHILDREN] or adults[-2:], adults[-1], today)
    load_survey(actor, agencies[HOME], today)


def _since(case: Case, today: date, days: int) -> date:
    """Return the day some days ago, but not before the case was registered."""
    return max(today - timedelta(days=days), case.registered_on)


def load_stays(actor: Actor, foreigners: Sequence[Case], today: date) -> None:
    """Add rights to stay: near their end, over, with a permit, refused, appealed, left, and unknown."""
    papers: Steps = (("identity_paper", 20), ("akimat_request", 14), ("insurance", 9))
    stories: list[tuple[int, str, Steps]] = [
        (25, "visa_free", ()),
        (70, "", papers[:2]),
        (120, "visa_free", (*papers, ("application", 5), ("permit", 1))),
        (95, "", (*papers, ("application", 8), ("refusal", 2))),
        (100, "no_document", (*papers, ("application", 8), ("refusal", 6), ("appeal", 1))),
        (60, "asylum", ()),
        (80, "visa_free", (("exit", 1),)),
    ]
    for case, (days, ground, steps) in zip(foreigners, stories, strict=False):
        entered = today - timedelta(days=days)
        legal_stay.save_country_stay(actor, case, CountryStay(entered_on=entered, source="told"))
        if ground:
            until = today + timedelta(days=40) if ground == "asylum" else None
            right = StayRight(ground=ground, from_on=entered, until=until, source="seen")
            legal_stay.save_right(actor, case, right)
        for kind, ago in steps:
            row = StayStep(
                kind=kind, done_on=today - timedelta(days=ago), refusal="papers" if kind == "refusal" else ""
            )
            permit = legal_stay.PermitTerm(until=today + timedelta(days=180)) if kind == "permit" else None
            legal_stay.record_step(actor, case, row, permit=permit)
    for case in foreigners[::2]:
        stay = case.stays.filter(left_on=None, host_notices=None).first()
        if stay is not None:
            legal_stay.record_step(actor, case, StayStep(kind="host_notice", done_on=stay.arrived_on))


def load_legal_aid(actor: Actor, cases: Sequence[Case], today: date) -> None:
    """Add legal aid: asked for, refused, granted, and ended with each outcome."""
    outcomes = list(codes.code_list("legal_aid_outcome").codes)
    ends: list[tuple[str, str]] = [
        ("asked", ""),
        ("refused", ""),
        ("granted", ""),
        *(("ended", end) for end in outcomes),
    ]
    for case, (state, outcome), matter, kind in zip(
        cases, ends, cycle(MATTERS), cycle(codes.code_list("legal_aid_kind").codes), strict=False
    ):
        row = LegalAid(matter=matter, kind=kind, asked_on=_since(case, today, 30))
        row.refused_on = _since(case, today, 20) if state == "refused" else None
        if state in {"granted", "ended"}:
            row.granted_on, row.at_first_interview, row.sessions = _since(case, today, 25), "yes", 3
        if state == "ended":
            row.ended_on, row.outcome = _since(case, today, 4), outcome
        legal_aid.save_legal_aid(actor, case, row, {"lawyer": translate_note(LAWYER) if row.granted_on else ""})


def load_charges(actor: Actor, cases: Sequence[Case], today: date) -> None:
    """Add charges for acts under force, with each outcome."""
    acts = cycle(codes.code_list("penalised_act").codes)
    for case, outcome, act in zip(cases[::-1], codes.code_list("penalised_outcome").codes, acts, strict=False):
        row = Penalised(act=act, body="internal_affairs", since_on=today - timedelta(days=90), outcome=outcome)
        row.informed_on = today - timedelta(days=80)
        row.outcome_on = None if outcome == "open" else today - timedelta(days=15)
        legal_aid.save_penalised(actor, case, row, {"account": ""})


def load_told(actor: Actor, cases: Sequence[Case], today: date) -> None:
    """Add rights that were told, with one that was not understood, and two reflection periods."""
    rights = list(codes.code_list("person_right").codes)
    for number, case in enumerate(cases[:12]):
        row = RightsTold(told_on=_since(case, today, 12), language=adapt_code("kk"), manner="in_person", rights=rights)
        row.not_understood = ["protection"] if number % 4 == 1 else []
        person_rights.save_rights_told(actor, case, row, {})
    for case, extended in zip(cases[4:6], (False, True), strict=False):
        starts, ends = today - timedelta(days=20), today + timedelta(days=9)
        period = Reflection(starts_on=starts, ends_on=ends, suspended=["removal"])
        period.extended_until = ends + timedelta(days=30) if extended else None
        person_rights.save_reflection(actor, case, period, {})


def load_complaints(actor: Actor, cases: Sequence[Case], agencies: Mapping[str, Agency], today: date) -> None:
    """Add complaints about other agencies: one that waits longer than its clock, and each outcome."""
    for case, (about, subject, outcome) in zip(cases, COMPLAINTS, strict=False):
        if about in agencies:
            row = Complaint(about=agencies[about], subject=subject, receiver=RECEIVER, told_no_reprisal="yes")
            row.sent_on, row.outcome = today - timedelta(days=40), outcome
            row.answered_on = today - timedelta(days=12) if outcome else None
            person_rights.save_complaint(actor, case, row, {})


def load_children(actor: Actor, children: Sequence[Case], doubted: Case, today: date) -> None:
    """Add guardians with and without a conflict, best interests with a review, and a doubt about an age."""
    for case, conflict in zip(children, cycle(("no", "yes")), strict=False):
        row = Guardian(kind="relative", from_on=_since(case, today, 30), conflict=conflict)
        row.conflict_ground = "near_suspect" if conflict == "yes" else ""
        row.consented_to = [] if conflict == "yes" else ["help"]
        child.save_guardian(actor, case, row, {"name": translate_note("Г. Ә."), "act": ""})
        interest = BestInterest(question="school", answer="serves", schooling="at_centre", took_part=["child"])
        interest.decided_on, interest.review_on = _since(case, today, 10), today + timedelta(days=20)
        child.save_best_interest(
            actor, case, interest, {"facts": "", "child_words": translate_note("Мектепке барғым келеді.")}
        )
    doubt = AgeDoubt(raised_on=_since(doubted, today, 6), raised_by="crisis_centre", methods=["documents", "interview"])
    child.save_age_doubt(actor, doubted, doubt, {"reasons": ""})


def load_survey(actor: Actor, agency: Agency, today: date) -> None:
    """Add answers to the five questions, more than the threshold of publication."""
    answers = cycle(codes.code_list("survey_answer").codes)
    names = ("safe", "informed", "decided", "helped", "respected")
    for number in range(active().threshold + 4):
        moment = "closing" if number % 2 else "follow_up"
        values = {name: next(answers) for name in names}
        person_rights.record_survey(actor, SurveyAnswer(agency=agency, half=half(today), moment=moment, **values))
