"""The rights of roles: the committed table of rights, and the rules that hold for all of them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from kerege.casework.cases.models.case import Case
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.accounts.models import Role
from kerege.core.authorization import everything
from kerege.core.authorization.rules import Rule, rules

TESTS = Path(__file__).parents[2]
TABLE = TESTS / "golden" / "expected" / "rights.txt"


def read_table() -> dict[str, tuple[str, set[str]]]:
    """Return model and roles of each action, as the committed table lists them."""
    actions: dict[str, tuple[str, set[str]]] = {}
    action = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        name, *rest = line.split()
        if line.startswith(" "):
            actions[action][1].add(name)
        else:
            action, actions[name] = name, (rest[0], set())
    return actions


RIGHTS = read_table()


def roles_of(rule: Rule) -> set[str]:
    """Return the roles that a rule grants."""
    return {str(role) for grant in rule.grants for role in grant.roles}


def declared() -> dict[str, Rule]:
    """Return the rules of the program, without those that tests add."""
    return {rule.action: rule for rule in rules.all() if not rule.action.startswith("t.")}


def test_the_committed_table_lists_every_action() -> None:
    assert set(declared()) == set(RIGHTS)


@pytest.mark.parametrize("action", sorted(RIGHTS))
def test_an_action_is_open_to_the_roles_of_the_committed_table(action: str) -> None:
    rule = declared()[action]
    model, roles = RIGHTS[action]
    assert (rule.model._meta.label if rule.model else "-") == model
    assert roles_of(rule) == roles


def actions_of(role: str) -> set[str]:
    return {action for action, rule in declared().items() if role in roles_of(rule)}


def test_an_auditor_reads_and_changes_nothing() -> None:
    own_account = {action for action in declared() if action.startswith("accounts.")}
    logs = {"audit.read", "audit.export", "audit.verify", "emergencies.review", "erasure.receipt", "retention.view"}
    figures = {"desk.home", "law.view", "notices.read", "persons.quality", "releases.read"}
    assert actions_of("auditor") == own_account | logs | figures


def test_a_minister_reads_a_board_and_nothing_else() -> None:
    own_account = {action for action in declared() if action.startswith("accounts.")}
    assert actions_of("minister") == own_account | {"desk.home", "desk.ministry_board"}
    assert {declared()[action].model for action in actions_of("minister")} == {None}


@pytest.mark.parametrize("role", ["administrator", "analyst", "publisher", "minister", "auditor", "first_responder"])
def test_only_casework_roles_read_a_case_or_an_identity(role: str) -> None:
    opened = {rule.action for rule in declared().values() if rule.model in (Case, IdentityRecord)}
    assert actions_of(role) & opened <= {"desk.count_cases"}


def test_all_cases_are_open_to_the_operator_and_to_counts_alone() -> None:
    """A role in an agency meets the rows of the agency; counts of the programme show no case."""
    whole: defaultdict[str, set[str]] = defaultdict(set)
    for rule in declared().values():
        if rule.model in (Case, IdentityRecord):
            for grant in rule.grants:
                if grant.within is everything:
                    whole[rule.action] |= {str(role) for role in grant.roles} - {"operator"}
    assert {action: roles for action, roles in whole.items() if roles} == {
        "desk.count_cases": {"coordinator", "analyst"},
        "vault.link": {"coordinator"},
    }


def test_every_role_uses_its_own_account_and_home_page() -> None:
    for action in ("accounts.start", "accounts.password", "accounts.address", "accounts.sessions", "desk.home"):
        assert roles_of(declared()[action]) == set(Role.values), action


def test_the_rotation_of_keys_and_backups_belong_to_the_operator() -> None:
    for action in ("keys.rotate", "keys.retire", "keys.reindex", "system.backup", "system.set_up", "vault.replay"):
        assert roles_of(declared()[action]) == {"operator"}, action


def test_every_action_has_a_table_of_its_rows_written_by_hand() -> None:
    """The committed table follows the program; the tables in `test_rules.py` do not."""
    written = "".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("test_rules.py"))
    assert [action for action in declared() if f'"{action}"' not in written] == []
