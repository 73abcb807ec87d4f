"""A specification has a method and parameters per table, and one sentence per fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.entry import digest
from kerege.evidence.release import method_params
from kerege.evidence.release.spec import parse, read


def tree(**table: Any) -> dict[str, Any]:
    return {"title": "T", "period": "2025", "table": [{"name": "sex", "of": "victims", "by": ["sex"]} | table]}


def faults(specification: dict[str, Any]) -> list[str]:
    with pytest.raises(BadInput) as caught:
        parse(specification)
    return [str(fault) for fault in caught.value.faults]


def test_the_default_method_is_suppression() -> None:
    table = parse(tree()).tables[0]
    assert (table.method, table.threshold, table.params, table.sensitive) == ("suppress", 10, {"threshold": 10}, [])
    assert table.rho == 0


def test_the_larger_threshold_counts() -> None:
    assert parse(tree(params={"threshold": 20})).tables[0].threshold == 20
    assert parse(tree(params={"threshold": 6}) | {"threshold": 12}).tables[0].params == {"threshold": 12}


def test_the_default_noise_of_cell_keys_reaches_the_threshold() -> None:
    table = parse(tree(method="cellkey")).tables[0]
    assert table.params == {"D": 10, "V": 3.0, "smallest": 3, "additive": False}
    assert parse(tree(method="cellkey") | {"threshold": 15}).tables[0].params["D"] == 15
    own = parse(tree(method="cellkey", params={"D": 5, "V": 4, "additive": True})).tables[0]
    assert own.params == {"D": 5, "V": 4.0, "smallest": 3, "additive": True}


def test_a_privacy_loss_is_given_as_rho_or_as_epsilon() -> None:
    one = parse(tree(method="dp", params={"rho": 0.05})).tables[0]
    assert (one.rho, one.params["delta"], one.params["max_values"]) == (0.05, 1e-9, 3)
    two = parse(tree(method="dp", params={"epsilon": 4, "delta": 4e-10, "max_values": 1, "cohort": "year"}))
    assert two.rho == pytest.approx(epsilon_to_rho(4, 4e-10))
    assert two.tables[0].params["epsilon"] == pytest.approx(4, abs=1e-6)
    assert two.tables[0].params["cohort"] == "year"


def test_sensitive_columns_of_a_table_override_those_of_the_release() -> None:
    spec = parse(tree() | {"sensitive": ["exploitation"]})
    assert spec.tables[0].sensitive == ["exploitation"]
    spec = parse(tree(params={"sensitive": ["means", "sex"]}) | {"sensitive": ["exploitation"]})
    assert spec.tables[0].sensitive == ["means", "sex"]


def test_texts_about_a_release_are_kept() -> None:
    text = {"kk": "Түзету", "ru": "Исправление", "en": "Correction"}
    more = {"embargo": "2026-07-30T10:00:00+05:00", "prose": text, "revision_of": "annual-2025", "revision_note": text}
    spec = parse(tree() | more)
    assert (spec.embargo, spec.prose, spec.revision_of, spec.revision_note) == tuple(more.values())
    plain = parse(tree())
    assert (plain.embargo, plain.prose, plain.revision_of, plain.revision_note) == (None, {}, None, {})


def test_a_time_of_toml_is_a_time_too_and_can_be_hashed(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    table = '[[table]]\nname = "sex"\nof = "victims"\n'
    path.write_text('title = "T"\nperiod = "2025"\nembargo = 2026-07-30T10:00:00+05:00\n' + table)
    spec = read(path)
    assert spec.embargo == "2026-07-30T10:00:00+05:00"
    assert digest(spec.source)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"method": "magic"}, "unknown method magic"),
        ({"method": ["dp"]}, "unknown method"),
        ({"params": []}, "not a set of parameters"),
        ({"params": {"rho": 1}}, "unknown parameters rho, the method suppress takes"),
        ({"params": {"threshold": 4}}, "at least 5"),
        ({"params": {"threshold": True}}, "at least 5"),
        ({"params": {"sensitive": "sex"}}, "not a list of columns"),
        ({"method": "cellkey", "params": {"threshold": 10}}, "unknown parameters threshold"),
        ({"method": "cellkey", "params": {"D": 0}}, "D, the largest change"),
        ({"method": "cellkey", "params": {"D": 2.5}}, "D, the largest change"),
        ({"method": "cellkey", "params": {"V": -1}}, "V, the variance"),
        ({"method": "cellkey", "params": {"V": "3"}}, "V, the variance"),
        ({"method": "cellkey", "params": {"smallest": 0}}, "smallest"),
        ({"method": "cellkey", "params": {"additive": 1}}, "additive"),
        ({"method": "dp"}, "either rho or epsilon"),
        ({"method": "dp", "params": {"rho": 0.1, "epsilon": 1}}, "either rho or epsilon"),
        ({"method": "dp", "params": {"rho": 0}}, "rho is not a number above 0"),
        ({"method": "dp", "params": {"rho": float("nan")}}, "rho is not a number above 0"),
        ({"method": "dp", "params": {"epsilon": "1"}}, "epsilon is not a number above 0"),
        ({"method": "dp", "params": {"epsilon": 1, "delta": 0.5}}, "delta"),
        ({"method": "dp", "params": {"rho": 1, "max_values": 0}}, "max_values"),
        ({"method": "dp", "params": {"rho": 1, "cohort": 5}}, "cohort names no column"),
        ({"extra": 1}, "unknown key extra"),
        ({"where": {"sex": []}}, "not a filter"),
        ({"by": "sex"}, "not a list of columns"),
    ],
)
def test_a_fault_of_a_table_is_one_sentence(table: dict[str, Any], words: str) -> None:
    (fault,) = faults(tree(**table))
    assert words in fault
    assert "table sex" in fault
    assert "\n" not in fault


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"threshold": 4}, "at least 5"),
        ({"sensitive": "sex"}, "not a list of columns"),
        ({"embargo": "2026-07-30T10:00:00"}, "not a time with its offset"),
        ({"embargo": "tomorrow"}, "not a time with its offset"),
        ({"prose": "text"}, "lacks a language"),
        ({"prose": {"kk": "a", "ru": "b"}}, "lacks a language"),
        ({"revision_of": "annual-2025"}, "takes `revision_of` and `revision_note`"),
        ({"tabel": []}, "unknown key tabel"),
        ({"period": ""}, "no period"),
        ({"title": {"kk": "a"}}, "no title"),
    ],
)
def test_a_fault_above_the_tables_is_one_sentence(more: dict[str, Any], words: str) -> None:
    (fault,) = faults(tree() | more)
    assert words in fault
    assert fault.startswith("spec: ")


def test_all_faults_are_reported_at_once() -> None:
    specification = tree(method="dp", params={"rho": -1, "delta": 2}) | {"threshold": 1, "embargo": "x"}
    assert len(faults(specification)) == 4


def test_every_method_names_its_parameters() -> None:
    assert {"suppress", "cellkey", "dp"} <= set(method_params.METHODS)
    assert list(method_params.find_faults("suppress", {})) == list(method_params.find_faults("cellkey", {})) == []


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        ({"title": "12 women were found"}, "title: 12"),
        ({"prose": {"kk": "Жыл.", "ru": "Найдено двенадцать.", "en": "Found."}}, "prose ru: двенадцать"),
        ({"table": tree(title={"kk": "Жынысы", "ru": "Пол", "en": "Sex of ٣ people"})["table"]}, "sex en: ٣"),
    ],
)
def test_a_figure_typed_in_a_text_is_refused(texts: dict[str, Any], place: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse(tree() | texts)
    assert [fault.what for fault in refused.value.faults] == ["the text has a figure that is typed by hand"]
    assert refused.value.faults[0].column == place


def test_tokens_and_years_in_texts_are_allowed() -> None:
    prose = dict.fromkeys(("kk", "ru", "en"), "{{table:sex}}, 2025.")
    assert parse(tree() | {"prose": prose, "title": "2025"}).prose == prose
