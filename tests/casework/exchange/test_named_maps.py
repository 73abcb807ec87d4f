"""An agency maps its journal on the page, and uses the saved map from page and command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kerege.base.errors import BadInput
from kerege.casework.cases.models.case import Case
from kerege.casework.exchange.file_import import import_file
from kerege.casework.exchange.models import NamedMap
from kerege.casework.exchange.named_maps import maps_of, save_map
from kerege.core.accounts.actors import actor_for
from kerege.core.authorization import Actor, Denied

pytestmark = pytest.mark.django_db
PAGE = "/en/work/import/"
JOURNAL = "Человек;Кто она;Обувь\nКанарейкина Анна Петровна;бикеш;38\n"
MAP = {"columns": {"Человек": "prs_FullName", "Кто она": "prs_Gender", "Обувь": ""}, "values": {}, "reading": {}}


@pytest.fixture
def supervisor(make_user: Any) -> Any:
    return make_user("supervisor")


def send(browser: Client, **answers: Any) -> str:
    file = SimpleUploadedFile("a.csv", JOURNAL.encode())
    response = browser.post(PAGE, {"file": file, "unknown": "fail", "do": "check"} | answers)
    assert response.status_code == 200
    return response.content.decode()


def test_a_page_maps_columns_and_values_and_the_map_is_used_again(
    supervisor: Any, sign_in: Any, tmp_path: Path
) -> None:
    browser = sign_in(supervisor, Client())
    text = send(browser)
    assert 'name="meaning"' in text
    assert "Канарейкина" not in text
    meanings = {"title": list(MAP["columns"]), "meaning": list(MAP["columns"].values())}
    text = send(browser, **meanings)
    assert "Gender: бикеш" in text
    decided = {"value_column": ["prs_Gender"], "value_text": ["бикеш"], "value_code": ["Feminine"]}
    text = send(browser, **meanings, **decided, do="save", map_name="Journal")
    assert "The map is saved." in text
    assert "New cases: 1." in text
    [row] = NamedMap.objects.all()
    assert row.content["values"] == {"prs_Gender": {"бикеш": "Feminine"}}
    assert Case.objects.count() == 0
    assert "New cases: 1." in send(browser, map="Journal")
    path = tmp_path / "a.csv"
    path.write_text(JOURNAL, encoding="utf-8")
    code = supervisor.assignments.get().agency.code
    summary = import_file(Actor.system(), path, map_path=Path("Journal"), agency_code=code)
    assert (summary.cases_new, Case.objects.count()) == (1, 1)
    assert import_file(Actor.system(), path, map_path=Path("Journal"), agency_code=code).unchanged


def test_a_map_of_another_agency_is_not_found(supervisor: Any, make_user: Any, tmp_path: Path) -> None:
    save_map(actor_for(supervisor), "Journal", MAP)
    path = tmp_path / "a.csv"
    path.write_text(JOURNAL, encoding="utf-8")
    with pytest.raises(BadInput, match="there is no map Journal"):
        import_file(Actor.system(), path, map_path=Path("Journal"))
    with pytest.raises(Denied):
        maps_of(Actor("x", agency_id=supervisor.assignments.get().agency_id, roles=frozenset({"caseworker"})))


@pytest.mark.parametrize(
    ("name", "tree"),
    [("", MAP), ("x" * 61, MAP), ("a", {"columns": {"a": "prs_Nothing"}}), ("a", {"columns": {"a" * 200_001: ""}})],
)
def test_a_wrong_map_is_refused(supervisor: Any, name: str, tree: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        save_map(actor_for(supervisor), name, tree)
    assert NamedMap.objects.count() == 0


def test_each_step_of_the_page_sends_the_token_that_keeps_what_is_typed(supervisor: Any, sign_in: Any) -> None:
    browser, steps = sign_in(supervisor, Client()), browser_steps()
    token = token_of(browser.get(PAGE).content.decode())
    for answers in steps:
        text = send(browser, unknown="drop", form_token=token, **answers)
        token = token_of(text)
    checked = re.search(r'name="checked" value="(\w+)"', text)
    assert checked is not None
    text = send(browser, unknown="drop", form_token=token, checked=checked[1], do="import", **steps[-1])
    assert "The file is imported." in text
    assert Case.objects.count() == 1


def browser_steps() -> list[dict[str, Any]]:
    columns = {"title": list(MAP["columns"]), "meaning": list(MAP["columns"].values())}
    decided = {"value_column": ["prs_Gender"], "value_text": ["бикеш"], "value_code": ["Feminine"]}
    return [{}, columns, columns | decided]


def token_of(text: str) -> str:
    """Return the token of the form of the page, with which a draft of its words is kept."""
    form = re.search(r'<form[^>]*data-kg-typing.*?name="form_token" value="([^"]+)"', text, re.DOTALL)
    assert form is not None
    return form[1]


def test_hostile_headings_are_escaped(supervisor: Any, sign_in: Any) -> None:
    browser = sign_in(supervisor, Client())
    file = SimpleUploadedFile("a.csv", "<script>alert(1)</script>;Имя\nx;Анна\n".encode())
    text = browser.post(PAGE, {"file": file, "unknown": "fail", "do": "check"}).content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
