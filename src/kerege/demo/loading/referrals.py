"""Loading of consents and referrals in every state, with withdrawn consents and unanswered referrals."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services import consents as consent_services
from kerege.casework.assistance.services import referral_escalation, referral_responses, referrals, returns
from kerege.casework.assistance.services.consent_text import VERSION
from kerege.casework.cases.models.case import Case, Event
from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Agency
from kerege.core.accounts.services import set_offer
from kerege.core.authorization import Actor
from kerege.demo.programme import world
from kerege.demo.programme.another_country import adapt_code, basis_of_referral, translate_note
from kerege.demo.programme.staff import HOME, SPOKEN
from kerege.vocabulary import codes

# services that agencies offer, by kind of agency
OFFERS = {
    "crisis_centre": "shelter material_aid social_counselling psychological_support legal_aid documentation",
    "ngo": "social_counselling psychological_support legal_aid interpretation education",
    "international_organisation": "repatriation medical_care documentation",
    "consulate": "documentation repatriation",
    "health": "medical_care psychological_support",
    "social_protection": "financial_aid employment social_counselling",
    "labour_inspection": "employment legal_aid",
}
FULL = "crisis-kostanay"
DECIDING = ("identity", "contact", "exploitation", "needs")
DONE = "Всё сделано, документы на руках."
Agencies = dict[str, Agency]
# referrals to the centre: sender, services, urgency, days until the answer is due, answers
RECEIVED = (
    ("crisis-astana", ["legal_aid"], "normal", 2, ("seen",)),
    ("ngo-almaty", ["shelter", "material_aid"], "high", 1, ("seen", "accepted")),
    ("crisis-shymkent", ["shelter"], "high", -2, ("seen",)),
    ("crisis-turkestan-1", ["documentation"], "normal", 1, ("accepted", "started", "completed")),
)
# referrals from the centre: receiver, services, days until the answer is due, answers
SENT = (
    ("ngo-astana", ["interpretation"], -30, ()),
    ("labour-35", ["employment"], -4, ("seen",)),
    ("iom", ["medical_care"], 1, ("accepted", "started", "completed")),
)


def load_sharing(actor: Actor, live: world.Live, cases: dict[str, Case], agencies: Agencies, today: date) -> None:
    """Store the offered services, the consents, the referrals and their answers."""
    for code, agency in agencies.items():
        if offer := OFFERS.get(agency.kind):
            set_offer(actor, agency, offer.split(), code != FULL)
    consents = {row.key: record(actor, row, cases, agencies) for row in live.consents}
    for sent in live.referrals:
        referral = sent_in_time(send(actor, sent, cases, agencies, consents.get(sent.consent)), today)
        for status, reason in sent.answers:
            answer(actor, referral, status, reason)
    owned = {row.agency: cases[row.key] for row in reversed(live.cases)}
    basis = basis_of_referral()
    for sender, services, urgency, days, states in RECEIVED:
        draft = referrals.ReferralDraft(
            owned[sender],
            agencies[HOME],
            services,
            today + timedelta(days=days),
            legal_basis=basis,
            categories=["identity", "contact", "needs"],
            urgency=urgency,
        )
        follow(actor, sent_in_time(referrals.refer(as_worker(actor, owned[sender]), draft), today), states)
    mine = [cases[row.key] for row in live.cases if row.agency == HOME and row.caseworker == "caseworker"]
    for number, (receiver, services, days, answers) in enumerate(SENT):
        draft = referrals.ReferralDraft(
            mine[15 + number],
            agencies[receiver],
            services,
            today + timedelta(days=days),
            legal_basis=basis,
            categories=["identity", "needs"],
        )
        follow(actor, sent_in_time(referrals.refer(as_worker(actor, mine[15 + number]), draft), today), answers)
    change_of_mind(actor, mine, owned["crisis-aktobe"], agencies, today)
    consent_services.watch_consents(actor, today)
    referral_escalation.escalate_referrals(actor, timezone.now())


def record(
    actor: Actor, row: world.DemoConsent, cases: dict[str, Case], agencies: Agencies, until: date | None = None
) -> Consent:
    """Record a consent; for a child, the guardianship authority's with the child's assent."""
    case = cases[row.case]
    points = list(codes.code_list("consent_point").codes)
    with audit.act(actor, "consents.record", target=f"case:{case.pk}"):
        child = returns.is_child(actor, case, row.on)
    entry = Consent(
        case=case,
        purpose=row.purpose,
        recipient=agencies.get(row.recipient),
        categories=row.categories,
        manner=row.manner,
        language=row.language,
        interpreter=row.language not in map(adapt_code, SPOKEN),
        explained=points if len(row.key) % 3 else points[:-1],
        text_version=VERSION,
        by_guardian=child,
        guardian_relation="guardianship_authority" if child else "",
        child_assent="yes" if child else "",
        given=row.given,
        on=row.on,
        until=until,
    )
    witness = translate_note("Переводчица центра") if row.manner == "oral_with_witness" else ""
    return consent_services.record_consent(as_worker(actor, case), entry, consent_services.Names(witness=witness))


def send(
    actor: Actor, sent: world.DemoReferral, cases: dict[str, Case], agencies: Agencies, consent: Consent | None
) -> Referral:
    """Send a referral on the basis of a consent or of the law."""
    draft = referrals.ReferralDraft(
        case=cases[sent.case],
        to_agency=agencies[sent.to_agency],
        services=sent.services,
        due_on=sent.due_on,
        consent=consent,
        legal_basis=sent.legal_basis,
        categories=sent.categories,
        urgency=sent.urgency,
        message=sent.message,
    )
    return referrals.refer(as_worker(actor, draft.case), draft)


def sent_in_time(referral: Referral, today: date) -> Referral:
    """Set the sending date of a due referral to five days before its due date."""
    if referral.due_on > today:
        return referral
    on = referral.due_on - timedelta(days=5)
    referral.sent_at = timezone.make_aware(datetime.combine(on, time(9, 20)))
    referral.save(update_fields=["sent_at"])
    referral.steps.filter(kind="sent").update(at=referral.sent_at)
    event = referral.case.events.filter(kind="referral", detail__to=str(referral.to_agency_id)).latest("at")
    Event.objects.filter(pk=event.pk).update(on=on, at=referral.sent_at)
    return referral


def change_of_mind(actor: Actor, mine: list[Case], elsewhere: Case, agencies: Agencies, today: date) -> None:
    """Withdraw two consents with open referrals.

    Record a refusal for the police and a consent that ends soon.
    """
    for case, to in ((elsewhere, HOME), (mine[18], "ngo-almaty")):
        agreed = world.DemoConsent(
            key="",
            case="",
            purpose="sharing_with_agency",
            recipient=to,
            categories=list(DECIDING),
            manner="written",
            language="ru",
            given=True,
            on=today,
        )
        entry = record(actor, agreed, {"": case}, agencies)
        draft = referrals.ReferralDraft(
            case,
            agencies[to],
            ["psychological_support"],
            today + timedelta(days=2),
            consent=entry,
            categories=["identity", "needs"],
        )
        referrals.refer(as_worker(actor, case), draft)
        consent_services.withdraw_consent(as_worker(actor, case), entry, today)
    refused = world.DemoConsent(
        key="",
        case="",
        purpose="sharing_with_police",
        recipient="police-35",
        categories=[],
        manner="oral",
        language="ru",
        given=False,
        on=today,
    )
    record(actor, refused, {"": mine[5]}, agencies)
    scope = ["identity", "needs"]
    ending = world.DemoConsent(
        key="",
        case="",
        purpose="sharing_with_agency",
        recipient="social-35",
        categories=scope,
        manner="written",
        language=adapt_code("kk"),
        given=True,
        on=today,
    )
    record(actor, ending, {"": mine[8]}, agencies, until=today + timedelta(days=9))


def follow(actor: Actor, referral: Referral, states: tuple[str, ...]) -> None:
    """Record the receiver's answers in order."""
    for status in states:
        answer(actor, referral, status)


def answer(actor: Actor, referral: Referral, status: str, reason: str = "") -> None:
    """Record an answer of the receiving agency, by its caseworker where the demo has one."""
    assignment = referral.to_agency.assignments.filter(role="caseworker").select_related("user").order_by("pk").first()
    by = actor_for(assignment.user, referral.to_agency) if assignment else elsewhere(actor, referral.to_agency)
    response = referral_responses.Answer(reason)
    if status == "completed":
        response = referral_responses.Answer(outcome="helped", delivered=referral.services, reply=translate_note(DONE))
    referral_responses.answer_referral(by, referral, status, answer=response)


def as_worker(actor: Actor, case: Case) -> Actor:
    """Return the caseworker of a case as actor, else the operator acting for its agency."""
    return actor_for(case.caseworker, case.agency) if case.caseworker else elsewhere(actor, case.agency)


def elsewhere(actor: Actor, agency: Agency) -> Actor:
    """Return the operator acting for an agency that has no users in the demo."""
    return Actor(actor.label, agency_id=agency.pk, roles=actor.roles)
