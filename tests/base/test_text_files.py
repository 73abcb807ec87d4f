"""Text is UTF-8, UTF-16, or in an encoding that the user names; other bytes are refused."""

from __future__ import annotations

import pytest

from kerege.base.errors import BadInput
from kerege.base.text_files import decoded

TEXT = "область;число\nАлматы;12\n"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        *(("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-8-sig", "utf8")),
        *(("cp1251", "cp1251"), ("cp1251", "windows-1251"), ("koi8-r", "KOI8-R"), ("utf-16-le", "utf-16-le")),
    ],
)
def test_text_is_read_without_a_byte_order_mark(encoding: str, named: str) -> None:
    assert decoded(TEXT.encode(encoding), "t.csv", named) == TEXT


@pytest.mark.parametrize(
    ("content", "named", "says"),
    [
        (
            TEXT.encode("cp1251"),
            "",
            "t.csv: is not UTF-8 text, name its encoding with --encoding, such as --encoding cp",
        ),
        (TEXT.encode("utf-16")[:-1], "", "t.csv: is not UTF-8 text"),
        (
            "a;b\n".encode("utf-16-le"),
            "",
            "t.csv: is not a text file, give a CSV, or name its encoding with --encoding",
        ),
        (TEXT.encode(), "ascii", "t.csv: is not text in ascii"),
        (TEXT.encode(), "base64", "no encoding has the name base64"),
        (TEXT.encode(), "cp12510", "no encoding has the name cp12510"),
    ],
)
def test_other_bytes_are_refused_in_one_sentence(content: bytes, named: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        decoded(content, "t.csv", named)
    assert says in str(caught.value)
    assert len(caught.value.faults) == 1
