"""Parameters of the protection methods of tables, as a specification or a command line gives them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from kerege.base.message_text import listed, shown
from kerege.evidence.data.publication_threshold import LEAST, THRESHOLD, VERSIONS
from kerege.evidence.dp.zcdp import DELTA, MOST_RHO, VALUES, epsilon_to_rho, rho_to_epsilon

Params = dict[str, Any]
Wrong = tuple[str, str]  # the fault and its remedy

MOST_NOISE, MOST_VALUES = 50, 50
TAKES = {
    "none": ("threshold",),
    "suppress": ("threshold", "sensitive", "version"),
    "cellkey": ("D", "V", "smallest", "additive", "sensitive"),
    "dp": ("rho", "epsilon", "delta", "max_values", "cohort", "sensitive"),
}
METHODS = tuple(TAKES)


def find_faults(method: Any, params: Any) -> Iterator[Wrong]:
    """Yield the faults of the parameters of a method: fault and remedy."""
    if not isinstance(method, str) or method not in TAKES:
        yield f"unknown method {shown(str(method))}", f"use {', '.join(METHODS)}"
        return
    if not isinstance(params, Mapping):
        yield "`params` is not a set of parameters", "write params = { threshold = 20 }"
        return
    takes = TAKES[method]
    if extra := sorted(set(params) - set(takes)):
        yield f"unknown parameters {listed(extra)}", f"the method {method} takes {', '.join(takes)}"
    if not is_names(params.get("sensitive", [])):
        yield "`sensitive` is not a list of columns", 'write sensitive = ["exploitation"]'
    yield from {"none": _suppress, "suppress": _suppress, "cellkey": _cellkey, "dp": _dp}[method](params)


def complete(method: str, params: Mapping[str, Any], threshold: int = THRESHOLD) -> Params:
    """Return the parameters, without faults (`find_faults`), with defaults; `rho` of `dp` is computed.

    The default D of `cellkey` is the threshold: an intruder who knows D and sees a small figure then cannot conclude
    that the true count is below the threshold. With V = 3 this is as accurate as D = 5, since large noise is very rare.
    """
    if method == "cellkey":
        defaults = {"D": min(threshold, MOST_NOISE), "V": 3.0, "smallest": 3, "additive": False} | dict(params)
        return {name: defaults[name] for name in ("D", "V", "smallest", "additive")} | {"V": float(defaults["V"])}
    if method == "dp":
        return _complete_dp(params)
    return {name: params[name] for name in ("threshold", "version") if name in params}


def _complete_dp(params: Mapping[str, Any]) -> Params:
    delta = float(params.get("delta", DELTA))
    rho = float(params["rho"]) if "rho" in params else epsilon_to_rho(float(params["epsilon"]), delta)
    complete_params: Params = {"rho": rho, "epsilon": rho_to_epsilon(rho, delta), "delta": delta}
    complete_params["max_values"] = int(params.get("max_values", VALUES))
    return complete_params | ({"cohort": params["cohort"]} if params.get("cohort") else {})


def threshold_fault(value: Any) -> Iterator[Wrong]:
    """Yield the fault of a threshold."""
    if not is_whole(value) or value < LEAST:
        yield f"a threshold is a whole number of at least {LEAST}", f"give {LEAST} or more"


def is_whole(value: Any) -> bool:
    """Return whether a value is an integer and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_names(value: Any) -> bool:
    """Return whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _suppress(params: Mapping[str, Any]) -> Iterator[Wrong]:
    if "threshold" in params:
        yield from threshold_fault(params["threshold"])
    if params.get("version", VERSIONS[0]) not in VERSIONS:
        yield "`version` is not a version of a protected table", f"write {' or '.join(VERSIONS)}, or leave it out"


def _cellkey(params: Mapping[str, Any]) -> Iterator[Wrong]:
    most = params.get("D", 5)
    if not is_whole(most) or not 1 <= most <= MOST_NOISE:
        yield "D, the largest change of a count, is not a whole number", f"give 1 to {MOST_NOISE}"
    variance = params.get("V", 3.0)
    if not _is_number(variance) or variance <= 0:
        yield "V, the variance of the noise, is not a number above 0", "give one such as 3"
    smallest = params.get("smallest", 3)
    if not is_whole(smallest) or smallest < 1:
        yield "smallest, the smallest count shown, is not a whole number of at least 1", "give one such as 3"
    if not isinstance(params.get("additive", False), bool):
        yield "additive is neither true nor false", "give one of them"


def _dp(params: Mapping[str, Any]) -> Iterator[Wrong]:
    rho, epsilon, delta = params.get("rho"), params.get("epsilon"), params.get("delta", DELTA)
    if (rho is None) == (epsilon is None):
        yield "the method dp takes either rho or epsilon", "give one of them, such as rho = 0.05"
    elif rho is not None and not (_is_number(rho) and 0 < rho <= MOST_RHO):
        yield "rho is not a number above 0", "give one such as 0.05"
    elif epsilon is not None and not (_is_number(epsilon) and 0 < epsilon <= MOST_RHO):
        yield "epsilon is not a number above 0", "give one such as 1"
    if not _is_number(delta) or not 0 < delta < 0.1:
        yield "delta is not a number between 0 and 0.1", "give one such as 1e-9"
    most = params.get("max_values", VALUES)
    if not is_whole(most) or not 1 <= most <= MOST_VALUES:
        yield "max_values is not a whole number", f"give 1 to {MOST_VALUES}"
    if not isinstance(params.get("cohort", ""), str):
        yield "cohort names no column", 'write cohort = "year" and filter by it'
