"""The commit-msg hook accepts `type(scope): verb object` and refuses every other first line."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.check_commit_message import find_faults, main

LONGEST = "fix(vault): " + "find " + "x" * 55


@pytest.mark.parametrize(
    "message",
    [
        "fix(vault): find stored drafts",
        "feat(api)!: rename referral fields\n\nThe old names stay for one release.",
        "test(core, web): check the menu\n# a comment of git",
        "Merge branch 'words'",
        LONGEST,
    ],
)
def test_good_messages_pass(message: str) -> None:
    assert find_faults(message) == []


@pytest.mark.parametrize(
    "message",
    [
        "",
        "find stored drafts",
        "fix: find stored drafts",
        "fix(vault): drafts",
        "fix(vault): Find stored drafts",
        "fix(vault): find stored drafts.",
        "words(vault): find stored drafts",
        "fix(vault): find stored drafts\nno empty line",
        LONGEST + "x",
    ],
)
def test_other_messages_fail(message: str) -> None:
    assert find_faults(message)


def test_the_hook_reads_the_file_of_git(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = tmp_path / "COMMIT_EDITMSG"
    message.write_text("update\n", encoding="utf-8")
    assert main([str(message)]) == 1
    assert "type(scope): verb object" in capsys.readouterr().out
