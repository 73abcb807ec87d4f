"""Labels of the actions of the audit log: auditors read words, and search by the code beside them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

import kerege
from kerege.core import audit
from kerege.core.admin.audit.views import SHORTCUTS
from kerege.core.authorization.rules import rules
from kerege.vocabulary import codes

LABELS = codes.code_list("audit_action").codes
# a call that names the action of an event, and the name: a text, or a constant of the module
CALL = re.compile(
    r"\b(?:(?:audit\.)?(?:act|record|page)|run_once|Denied)\((?:\w+(?:\.\w+)*(?:\(.*?\))?, )?(\"[\w.]+\"|[A-Z_]+)"
)
CONSTANT = r"^{name} = \"([\w.]+)\""
FORM = re.compile(r"\b(?:change|save_form)\(\s*request, ")


def recorded_actions() -> Iterator[str]:
    """Yield the actions that the source names where it records an event."""
    for path in Path(kerege.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for name in CALL.findall(text) if "audit" in text or "Denied" in text or "run_once" in text else ():
            if name.startswith('"'):
                yield name.strip('"')
            else:
                yield from re.findall(CONSTANT.format(name=name), text, re.MULTILINE)


def form_actions(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """Yield the actions of the forms about a case: their view names with dots."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from form_actions(pattern, pattern.namespace or namespace)
        elif isinstance(pattern, URLPattern) and pattern.name and FORM.search(source_of(pattern.callback)):
            yield f"{namespace}.{pattern.name}"


def source_of(view: Any) -> str:
    """Return the source of a view of a case; '' for other views."""
    function = inspect.unwrap(view)
    return inspect.getsource(function) if function.__module__.startswith("kerege.casework.") else ""


def test_every_rule_has_a_label() -> None:
    assert {rule.action for rule in rules.all()} - LABELS.keys() == set()


def test_every_recorded_action_has_a_label() -> None:
    actions = {action for action in recorded_actions() if "." in action}
    assert {"accounts.sign_in", "api.signals.send", "audit.root", "emergencies.open", "releases.check"} <= actions
    assert actions - LABELS.keys() == set()


def test_every_form_about_a_case_has_a_label() -> None:
    actions = set(form_actions())
    assert {"cases.note", "assistance.add-plan", "intake.review"} <= actions
    assert actions - LABELS.keys() == set()


def test_the_shortcuts_are_actions() -> None:
    assert set(SHORTCUTS) <= LABELS.keys()


@pytest.mark.django_db
@pytest.mark.db
@pytest.mark.parametrize(("language", "label"), [("en", "Reveal a masked field"), ("ru", "Показ скрытого поля")])
def test_the_page_shows_the_label_beside_the_code(
    make_actor: Any, make_user: Any, sign_in: Any, language: str, label: str
) -> None:
    audit.record(make_actor("caseworker"), "vault.reveal", "identityrecord:7")
    page = sign_in(make_user("auditor")).get(f"/{language}/work/audit/").content.decode()
    row = next(line for line in page.split("<tr") if "identityrecord:7" in line)
    assert f"<strong>{label}</strong>" in row
    assert "vault.reveal</code>" in row


@pytest.mark.django_db
@pytest.mark.db
def test_the_details_name_roles_and_parts_in_words(make_actor: Any, make_user: Any, sign_in: Any) -> None:
    actor = make_actor("caseworker")
    with audit.act(actor, "cases.register", "case:9"):
        audit.record(actor, "consents.record", "consent:4", purpose="sharing")
    page = sign_in(make_user("auditor")).get("/en/work/audit/").content.decode()
    row = next(line for line in page.split("<tr") if "case:9" in line)
    assert "acts: Record a consent, purpose sharing, target consent:4" in row
    assert "Role: Caseworker" in row
