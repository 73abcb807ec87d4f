"""`kerege link review` and `charts`: in a terminal only, safe against kill -9, silent elsewhere."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from kerege.linkage.review.answers import read_answers
from tests.cli.link_driver import run
from tests.linkage.data.invented import records

PATIENCE = 120  # seconds


class Terminal:
    """`kerege link review` in a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        words = ["link", "review", "people.csv", "--answers", "answers.jsonl", "--lang", "ru"]
        program = "import sys; from kerege.cli import main; main(sys.argv[1:])"
        self.file, inside = pty.openpty()
        environment = os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *words],
            cwd=folder,
            env=environment,
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        self.shown = ""

    def wait_for(self, words: str) -> None:
        """Read until the terminal shows the words."""
        until, content = time.monotonic() + PATIENCE, b""
        while words not in content.decode(errors="replace") and time.monotonic() < until:
            if select.select([self.file], [], [], 0.2)[0]:
                try:
                    content += os.read(self.file, 65536)
                except OSError:
                    break
        self.shown = content.decode(errors="replace")
        assert words in self.shown

    def press(self, key: str, words: str) -> None:
        """Press a key as soon as the program reads single keys, and wait until the terminal shows the words."""
        until = time.monotonic() + PATIENCE
        while termios.tcgetattr(self.file)[3] & termios.ICANON and time.monotonic() < until:
            time.sleep(0.01)
        os.write(self.file, key.encode())
        self.wait_for(words)

    def end(self) -> int:
        """Wait for the end of the program, and return its exit code."""
        code = self.process.wait(PATIENCE)
        os.close(self.file)
        return code


def test_answers_survive_kill_9_and_the_next_run_continues(tmp_path: Path) -> None:
    records(120, 4).write_csv(tmp_path / "people.csv")
    answers = tmp_path / "answers.jsonl"
    first = Terminal(tmp_path)
    first.wait_for("закончить")
    assert "пара 1 " in first.shown
    assert "фамилия" in first.shown
    assert "%" not in first.shown.rpartition("\x1b[?1049h")[2], "a question shows no probability"
    first.press("s", "пара 2 ")
    first.press("d", "пара 3 ")
    first.process.kill()
    assert first.end() == -signal.SIGKILL
    assert [pair.answer for pair in read_answers(answers).pairs.values()] == ["same", "different"]
    second = Terminal(tmp_path)
    second.wait_for("закончить")
    assert "пара 3 " in second.shown
    second.press("q", "2 pairs judged")
    left_in_terminal = second.shown.rpartition("\x1b[?1049l")[2]
    assert "answers.jsonl: 2 pairs judged" in left_in_terminal
    assert not any(name in left_in_terminal for name in ("Ахметов", "Akhmetov", "Kim", "Ким", "Сулейменов"))
    assert second.end() == 0


def test_without_a_terminal_no_name_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records(60, 4).write_csv(tmp_path / "people.csv")
    assert run("link", "review", tmp_path / "people.csv", "--answers", tmp_path / "answers.jsonl") == 2
    assert "there is no terminal" in capsys.readouterr().err
    assert not (tmp_path / "answers.jsonl").exists()


def test_charts_show_the_rates_of_judged_pairs_and_no_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    origin = {"format": "kerege-link-answers/1", "files": {}, "model": "persons-1", "seed": 0}
    limits = (0.05, 0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
    lines = [origin | {"bands": [{"from": limit, "pairs": 10} for limit in limits]}]
    lines += [
        {"left": f"Secret{band}", "right": "x", "answer": "same", "probability": limit, "band": band}
        for band, limit in enumerate(limits)
    ]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    page = tmp_path / "charts.html"
    assert run("link", "charts", "--html", page, "--answers", tmp_path / "answers.jsonl", "--lang", "kk", "--json") == 0
    rates = json.loads(capsys.readouterr().out)
    assert [(rate["pairs"], rate["judged"], rate["precision"]) for rate in rates[:1]] == [(100, 10, 1.0)]
    text = page.read_text("utf-8")
    assert "Secret" not in text
    assert text.count("<svg") == 2


def test_tables_is_the_word_that_can_be_left_out(tmp_path: Path) -> None:
    records(60, 4).write_csv(tmp_path / "people.csv")
    for words in (("link",), ("link", "tables")):
        out = tmp_path / f"{len(words)}.csv"
        assert run(*words, tmp_path / "people.csv", "--out", out) == 0
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()
