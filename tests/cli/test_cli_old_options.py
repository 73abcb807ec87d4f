"""Old spellings of options: each still works, is hidden, and a note says that it is old."""

from __future__ import annotations

import importlib

import pytest
import typer

from kerege.cli import COMMANDS, OLD_OPTIONS, rename_old_options

Out = pytest.CaptureFixture[str]


def option_names(command: str) -> set[str]:
    """Return the options of a command and its subcommands."""
    group = typer.main.get_command(importlib.import_module(f"kerege.cli.{COMMANDS[command][0]}").app)
    subcommands = getattr(group, "commands", {})
    commands = [subcommands[command]] if command in subcommands else [group, *subcommands.values()]
    return {name for subcommand in commands for param in subcommand.params for name in param.opts}


@pytest.mark.parametrize("command", sorted(OLD_OPTIONS))
def test_an_old_spelling_stands_for_an_option_that_exists_and_is_not_listed_itself(command: str) -> None:
    names = option_names(command)
    assert set(OLD_OPTIONS[command].values()) <= names
    assert not set(OLD_OPTIONS[command]) & names


def test_an_old_spelling_is_replaced_with_one_note(capfd: Out) -> None:
    old = ["estimate", "lists.csv", "--miss", "0.1", "--miss=A=0.05", "--seed", "3"]
    new = ["estimate", "lists.csv", "--missed-link-rate", "0.1", "--missed-link-rate=A=0.05", "--seed", "3"]
    assert rename_old_options(old) == new
    assert capfd.readouterr().err == "note: --miss is the old name of --missed-link-rate\n"


def test_a_command_line_of_today_stays_as_it_is(capfd: Out) -> None:
    line = ["link", "a.csv", "--out", "pairs.csv", "--prior", "x"]
    assert rename_old_options(line) == line
    assert not capfd.readouterr().err
