"""Facts that wait for a lawyer, by subject and in sentences, as `kerege doctor` prints them."""

from __future__ import annotations

from collections.abc import Iterator

from kerege.base.message_text import count_noun
from kerege.core.admin.law.fact_words import FactLine, list_articles, read_facts
from kerege.vocabulary.profile import active

# how the path of a fact begins, by subject; the subjects stand in the order in which they matter to a person at risk
SUBJECTS = (
    ("Telephone numbers that people in danger see", ("hotline", "emergency", "phones.")),
    ("Deadlines of the work", ("clocks.", "reflection", "protection_review", "plan_report")),
    (
        "Bodies that decide, report or pay, and their users",
        ("tracks.", "payers", "roles", "approvals", "initial_report", "commission_quorum"),
    ),
    (
        "Services, their periods and reminders",
        ("services", "service_term", "consent_notice", "return_follow_ups", "handover", "removed_files", "holidays"),
    ),
    ("Right to stay, identity number and compensation", ("stay.", "identity_number", "compensation")),
    ("How long records are kept", ("retention.",)),
    ("Published figures", ("publication", "population", "offences.", "statistics_site")),
    ("Legal acts", ("legal_basis.",)),
    ("Articles of the law", ("law.",)),
)


def list_subjects() -> list[tuple[str, list[str]]]:
    """Return each subject with a sentence for each of its facts that waits."""
    facts = read_facts(active())
    duties = {view.fact.path: view.duty for view in list_articles(active(), facts, frozenset())}
    waiting = {path: line for path, line in facts.items() if not line.confirmed}
    subjects = []
    for subject, begins in SUBJECTS:
        lines = [_sentence(line, duties.get(path, "")) for path, line in waiting.items() if path.startswith(begins)]
        if lines:
            subjects.append((subject, lines))
    return subjects


def say_first_step(waiting: int) -> Iterator[str]:
    """Yield sentences on the first steps of an administrator."""
    if waiting:
        yield f"To do: a lawyer of the ministry has not confirmed {count_noun(waiting, 'fact')} of the country profile."
        yield "First call the telephone numbers below: a person in danger sees them on every page."
        yield "Then send this list to the lawyer. Two people confirm each fact on the page of the law."


def _sentence(line: FactLine, duty: str) -> str:
    words = ". ".join(text.rstrip(".") for text in (duty, line.value) if text)
    source = line.suggestion or line.source
    start = f"{line.label}: {words}." if words else f"{line.label.rstrip('.')}."
    return f"{start} Source: {source.rstrip('.')}."
