"""Digits of every script are read as 0 to 9."""

from __future__ import annotations

import sys
import unicodedata

from kerege.evidence.sdc.reading.figures import integer
from kerege.evidence.sdc.reading.numerals import with_usual_digits


def test_the_decimal_digits_of_every_script_are_read() -> None:
    digits = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isdecimal()]
    assert len(digits) > 600
    assert all(with_usual_digits(digit) == str(unicodedata.decimal(digit)) for digit in digits)


def test_other_signs_stay() -> None:
    text = "Алматы ¹ ② Ⅳ 12 c"
    assert with_usual_digits(text) == text


def test_arabic_signs_of_thousands_decimals_and_percentages_are_read() -> None:
    assert integer(with_usual_digits("۱٬۴۰۰")) == 1400
    assert with_usual_digits("٣٫٥٪") == "3.5%"
