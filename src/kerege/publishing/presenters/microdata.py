"""Synthetic microdata of a release for its pages: description, accuracy, files, evaluation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kerege.evidence.release.manifest import MicrodataEntry
from kerege.evidence.release.microdata import build
from kerege.publishing.gate import messages, run_gate
from kerege.publishing.presenters import privacy_budget
from kerege.publishing.presenters.privacy_budget import DisplayedLoss
from kerege.publishing.releases.models import Release
from kerege.publishing.storage import source_snapshots
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.publishing.storage.release_labels import labels_of
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as standard
from kerege.web.templatetags.kerege import language

EPSILON = 2.0  # default of the form
# Usual columns of the first, second and third set of a release: profile and exploitation; recruitment and control;
# assistance. Three small sets are more accurate than one with all columns.
THEMES = (
    ("year", "region", "sex", "age_band", "citizenship", "exploitation", "means", "suspect_role", "crime_stage"),
    (
        "year",
        "sex",
        "age_group",
        "origin",
        "destination",
        "recruitment_method",
        "recruiter_relation",
        "means_of_control",
        "organised_group",
    ),
    ("year", "sex", "age_group", "social_status", "police_status", "assisted", "service_kinds", "detected_by"),
)
MOST_NAMED = 3  # columns that a title names
Words = Callable[[], str]
PRESETS: dict[str, Words] = {
    "balanced": lambda: _("balanced"),
    "careful": lambda: _("careful"),
    "detailed": lambda: _("detailed"),
}
STAGES: dict[str, Words] = {
    "measuring": lambda: _("Counting the register with noise"),
    "making records": lambda: _("Making the synthetic records"),
    "evaluating": lambda: _("Comparing the synthetic records with the real ones"),
}
FILES: dict[str, Words] = {
    "csv": lambda: _("Records for any program"),
    "parquet": lambda: _("The same for programs that read Parquet"),
    "counts.csv": lambda: _("Noisy counts with intervals: take these for small groups"),
    "dictionary.csv": lambda: _("Meaning of columns and values, in Kazakh, Russian and English"),
    "example.py": lambda: _("A first table in Python, also for a Jupyter notebook"),
    "certificate.json": lambda: _("The certificate: the guarantee and the expected errors of counts"),
}
RISKS: dict[str, tuple[str, Words]] = {
    "no sign": ("green", lambda: _("No disclosure risk found")),
    "not tried": ("grey", lambda: _("not tried")),
    "not excluded": ("yellow", lambda: _("not excluded")),
    "some risk": ("orange", lambda: _("some risk")),
    "high risk": ("red", lambda: _("high risk")),
}


def snapshot_names(names: Iterable[str]) -> dict[str, str]:
    """Return the chosen snapshots that hold one row per person, as file name by unit."""
    return {
        item.unit: item.name for item in source_snapshots.find_snapshots(names) if standard.a_person_a_row(item.unit)
    }


def offered_columns(unit: str) -> list[tuple[str, str]]:
    """Return (name, title) of the columns that microdata of a unit can hold."""
    specs = standard.columns(unit)
    return [(spec.name, spec.title(language())) for spec in specs if not spec.multi or spec.list in codes.names()]


def cohort_columns(unit: str) -> dict[str, list[str]]:
    """Return the columns that can divide people into cohorts (one value per person), with their values."""
    return {spec.name: list(codes.values(spec.list)) for spec in standard.columns(unit) if not spec.multi}


def has_open_periods(unit: str, column: str) -> bool:
    """Return whether the values of a column are periods, so that the newest ones are not complete yet."""
    from kerege.evidence.synthesis.cohorts.budget_series import IN_TIME

    return standard.column(unit, column).list in IN_TIME


def cohorts_text(entry: Mapping[str, Any]) -> str:
    """Return the cohort column and the last cohort in words, '' without cohorts."""
    if not entry.get("cohorts"):
        return ""
    facts = {
        "column": messages.column_title(str(entry.get("of", "")), entry["cohorts"]).lower(),
        "last": entry.get("through"),
    }
    return _("cohorts by %(column)s, to %(last)s") % facts if facts["last"] else _("cohorts by %(column)s") % facts


def preset_text(preset: str) -> str:
    """Return a preset in words."""
    return PRESETS[preset]() if preset in PRESETS else preset


def preselect_columns(offered: Sequence[str], others: Iterable[Sequence[str]]) -> list[str]:
    """Return the columns to preselect: the theme that the `others` of the same unit cover least."""
    covered = {name for names in others for name in names}
    themes = [theme for names in THEMES if (theme := [name for name in offered if name in names])]
    best = max(themes, key=lambda theme: len(set(theme) - covered) / len(theme), default=[])
    if set(best) - covered:
        return best
    return [name for name in offered if name not in covered] or list(offered)


def distinct_titles(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a distinct title for each set: its own, else its unit and the columns that only it holds.

    Where these are equal too, the file name is added.
    """
    plain = [_plain_title(entry) for entry in entries]
    with_columns = [
        f"{title} ({named})" if plain.count(title) > 1 and (named := _distinct_columns(entry, entries)) else title
        for title, entry in zip(plain, entries, strict=True)
    ]
    return [
        f"{title} ({entry['name']})" if with_columns.count(title) > 1 else title
        for title, entry in zip(with_columns, entries, strict=True)
    ]


def _plain_title(entry: Mapping[str, Any]) -> str:
    own = entry.get("title")
    if isinstance(own, dict) and own.get(language()) not in (None, "", entry.get("name")):
        return str(own[language()])
    return messages.unit_title(str(entry.get("of", "")))


def _distinct_columns(entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str:
    """Return the titles of the first columns that not all sets of the same unit hold."""
    of = str(entry.get("of", ""))
    shared = set.intersection(*(set(other.get("columns", [])) for other in entries if other.get("of") == of))
    names = [messages.column_title(of, name).lower() for name in entry.get("columns", []) if name not in shared]
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def columns_text(entry: Mapping[str, Any]) -> str:
    """Return the titles of a set's columns."""
    of = str(entry.get("of", ""))
    return ", ".join(messages.column_title(of, name).lower() for name in entry.get("columns", []))


def list_microdata(row: Release) -> list[dict[str, str]]:
    """Return the sets of a draft release for a list."""
    entries = row.spec.get("microdata", [])
    return [
        {
            "name": entry["name"],
            "title": title,
            "columns": columns_text(entry),
            "cohorts": cohorts_text(entry),
            "epsilon": f"{entry['epsilon']:g}",
            "preset": preset_text(entry.get("preset", "balanced")),
            "auto": "yes" if entry.get("auto") else "",
        }
        for entry, title in zip(entries, distinct_titles(entries), strict=True)
    ]


def read_progress(pk: int, number: int) -> dict[str, Any]:
    """Return the progress of a check of microdata, in per cent and in words; {} before it begins."""
    recorded = run_gate.read_progress(pk, number)
    stage = next((name for name in STAGES if recorded.stage.startswith(name)), "")
    if not stage:
        return {}
    percent = 0 if stage == "evaluating" else recorded.percent
    return {"percent": percent, "words": STAGES[stage]()}


@dataclass(frozen=True)
class ExpectedAccuracy:
    """Expected accuracy of counts of a combination.

    Its length, the usual error, and the count from which nine in ten counts are accurate to within a fifth (in releases
    of earlier versions: from which the mean error is at most a fifth).
    """

    words: str
    error: float
    supported: int


def length_text(length: int) -> str:
    """Return a combination of `length` values in words."""
    texts = {
        1: _("one value, such as women"),
        2: _("two together, such as women of one region"),
        3: _("three together"),
        4: _("four together"),
    }
    return texts.get(length, str(length))


@dataclass(frozen=True)
class MicrodataFile:
    """File of a microdata set."""

    file: str
    part: str
    words: str

    @property
    def name(self) -> str:
        """Return the file name without its folder."""
        return self.file.rpartition("/")[2]

    @property
    def kind(self) -> str:
        """Return the part of the name as an address spells it."""
        return self.part.replace(".", "-")


@dataclass(frozen=True)
class DisplayedMicrodata:
    """Synthetic microdata set on a page. `evaluation` is for staff only: it is computed from real records."""

    name: str
    title: str
    columns: str
    rows: int
    loss: DisplayedLoss | None
    preset: str
    worth: bool
    lengths: tuple[ExpectedAccuracy, ...]
    files: tuple[MicrodataFile, ...]
    evaluation: dict[str, Any]
    cohorts: str = ""
    left_out: str = ""
    has_records: bool = True


def present_microdata(release: ReleaseFiles, inside: Path | None = None) -> list[DisplayedMicrodata]:
    """Return the sets of a release; `inside` is the folder with the evaluations of a draft."""
    entries = release.manifest.microdata
    with labels_of([release]):
        titles = distinct_titles([entry.tree for entry in entries])
        return [_shown(entry, title, inside) for entry, title in zip(entries, titles, strict=True)]


def _shown(entry: MicrodataEntry, title: str, inside: Path | None) -> DisplayedMicrodata:
    files_by_part = {file.file.removeprefix(f"{build.FOLDER}/{entry.name}."): file.file for file in entry.files}
    lengths = tuple(
        ExpectedAccuracy(length_text(error["length"]), error["error"], error.get("nine_in_ten", error["supported"]))
        for error in entry.errors
        if {"length", "error", "supported"} <= set(error)
    )
    files = tuple(
        MicrodataFile(files_by_part[part], part, words()) for part, words in FILES.items() if part in files_by_part
    )
    return DisplayedMicrodata(
        name=entry.name,
        title=title,
        columns=columns_text(entry.tree),
        rows=entry.rows,
        loss=privacy_budget.claimed_loss(entry),
        preset=preset_text(entry.preset),
        worth=entry.worth,
        lengths=lengths,
        files=files,
        evaluation=read_evaluation(inside, entry.name),
        cohorts=cohorts_text(entry.tree),
        left_out=_left_out_text(entry),
        has_records=entry.has_records,
    )


def _left_out_text(entry: MicrodataEntry) -> str:
    """Return the titles of the columns that noisy counts left out, '' without any."""
    left_out = [name for name in entry.asked_columns or [] if name not in entry.columns]
    return columns_text({"of": entry.of, "columns": left_out})


def read_evaluation(inside: Path | None, name: str) -> dict[str, Any]:
    """Return the evaluation of a draft's set for a page, {} when there is none."""
    try:
        stored = json.loads((inside / f"{name}.json").read_text(encoding="utf-8")) if inside else {}
    except (OSError, ValueError):
        return {}
    lengths = [
        {
            "words": length_text(item["length"]),
            "error": item["errors"]["mean"],
            "missing": _percent(item["missing_share"]),
            "fabricated": _percent(item["fabricated_share"]),
        }
        for item in stored.get("lengths", [])
    ]
    attacks = _worst(stored)
    return {
        "lengths": lengths,
        "attacks": attacks,
        "risks": [_risk(attack) for attack in attacks],
        "failed": bool(stored.get("failed")),
        "page": bool(stored.get("page")),
    }


def _worst(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the highest risk of each kind of attack; membership inference with its AUC."""
    worst: dict[str, dict[str, Any]] = {}
    for result in stored.get("verdicts", []):
        kind = str(result.get("kind", ""))
        before = worst.get(kind)
        if kind in KINDS and (before is None or _severity(result) > _severity(before)):
            worst[kind] = result
    if (auc := stored.get("auc")) and "membership" in worst:
        worst["membership"] = worst["membership"] | auc
    return list(worst.values())


def _severity(result: Mapping[str, Any]) -> tuple[int, float]:
    """Return the key by which two results of one kind are compared."""
    value = result["value"]
    return risk_rank(str(result["level"])), -1.0 if value is None else float(value)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{round(100 * share)} %"


def risk_rank(level: str) -> int:
    """Return the rank of a risk level, -1 for an unknown one."""
    return list(RISKS).index(level) if level in RISKS else -1


def _risk(result: Mapping[str, Any]) -> dict[str, str]:
    level = str(result["level"])
    colour, label = RISKS.get(level, ("grey", lambda: level))
    return {"risk": KINDS[str(result["kind"])](), "colour": colour, "level": label()}


# the goal of each kind of attack
KINDS: dict[str, Words] = {
    "singling out": lambda: _("Singling out: finding one real person with the file"),
    "inference": lambda: _("Attribute inference: learning a value of a person whose other values are known"),
    "membership": lambda: _("Membership inference: finding who is in the register"),
    "claim": lambda: _("Whether the risk assessment contradicts the promise of the certificate"),
}
