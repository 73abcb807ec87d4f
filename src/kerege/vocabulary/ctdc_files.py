"""Public files of CTDC, 2018 to 2025: their variables, and the ways in which they write values.

Counter-Trafficking Data Collaborative, https://www.ctdatacollaborative.org. The ways are data: `data/ctdc_files.toml`.
A variable has the values of all years' files, so that no row has to be read to know in which way a file is written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from kerege.vocabulary import codes, ctdc

LIKE = 5  # least number of CTDC variables in a file of CTDC's format
COUNTRY_VARIABLES = tuple(ctdc.COUNTRIES.values())
# variables whose values are periods or are tied to one another: names of code lists, or of the variable itself
LISTS = {ctdc.YEAR: "year", "ageBroad": "ageBroad", "majorityStatus": "majorityStatus"}
LAST_YEAR_OF_MINORS = 17  # age in years


def values(variable: str) -> tuple[str, ...]:
    """Return the values of a variable in all ways of writing them; () for another variable.

    Parameters
    ----------
    variable : str
        Name of a column of a public file.

    Returns
    -------
    tuple of str
        The texts that a cell of such a file can hold, without those that mean *not reported*.

    Notes
    -----
    Counter-Trafficking Data Collaborative, codebooks of the global data sets.

    Examples
    --------
    >>> values("majorityStatus"), values("meansThreats"), values("meansOfTransport")
    (('Minor', 'Adult'), ('0', '1', '0.0', '1.0'), ())
    """
    return _variables().get(variable, ())


def several(names: Iterable[str]) -> list[str]:
    """Return the columns in which a cell can hold several values."""
    known = set(_data()["several"]["columns"])
    return [name for name in names if name in known]


def missing(variable: str) -> tuple[str, ...]:
    """Return the entries of a variable that mean *not reported*."""
    return (*_data()["missing"], *(_data()["missing_country"] if variable in COUNTRY_VARIABLES else ()))


def is_like(names: Sequence[str]) -> bool:
    """Return whether the columns are named as in the public files."""
    return sum(bool(values(name)) for name in names) + len(several(names)) >= LIKE


def majority(band: str) -> str:
    """Return CTDC's majority status of an age band; '' for a text that is no band."""
    first, _, last = band.removesuffix("+").partition("--")
    if not first.isdecimal() or (last and not last.isdecimal()):
        return ""
    return "Minor" if last and int(last) <= LAST_YEAR_OF_MINORS else "Adult"


@cache
def _data() -> dict[str, Any]:
    text = (files("kerege.vocabulary") / "data" / "ctdc_files.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _variables() -> dict[str, tuple[str, ...]]:
    data = _data()
    flags = {f"{start}{end}": _written("flag", ("0", "1")) for start, ends in data["flags"].items() for end in ends}
    ours = {
        "ageBroad": tuple(dict.fromkeys([*(band for _, band in ctdc.AGES), ctdc.OLDEST, *ctdc.BANDS.values()])),
        "traffickMonths": (*(band for _, band in ctdc.MONTHS), ctdc.LONGEST),
    }
    return {
        ctdc.YEAR: _written("year", codes.values("year")),
        **dict.fromkeys(COUNTRY_VARIABLES, _written("country", tuple(codes.code_list("country").codes))),
        **{variable: _with_further_texts(variable, texts) for variable, texts in ours.items()},
        **{variable: tuple(texts) for variable, texts in data["values"].items()},
        **flags,
    }


def _written(kind: str, listed: Iterable[str]) -> tuple[str, ...]:
    """Return codes in all ways of writing them: first all in the first way."""
    alpha3 = {code: entry.extras["alpha3"] for code, entry in codes.code_list("country").codes.items()}
    listed = [code for code in listed if code not in codes.ANSWER_STATES]
    return tuple(
        way.format(code=code, alpha3=alpha3.get(code, "")) for way in _data()["writes"][kind] for code in listed
    )


def _with_further_texts(variable: str, texts: Sequence[str]) -> tuple[str, ...]:
    further = _data()["texts"].get(variable, {})
    return (*texts, *(text for own in texts for text in further.get(own, ())))
