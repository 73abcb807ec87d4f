"""Recorded crimes of two sources, whose separate counts are never summed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from kerege.demo.programme.draw import day, pick, stream
from kerege.demo.programme.sources import programme
from kerege.demo.programme.world import DemoCrime

OFFENCES = {
    "mia": {
        "kz308": 0.33,
        "kz309": 0.37,
        "kz128": 0.12,
        "kz134": 0.06,
        "kz135": 0.05,
        "kz125_3_2": 0.03,
        "kz126_3_2": 0.04,
    },
    "pgo": {
        "kz308": 0.3,
        "kz309": 0.5,
        "kz128": 0.08,
        "kz134": 0.06,
        "kz125_3_2": 0.02,
        "kz126_3_2": 0.03,
        "kz116": 0.01,
    },
}
REGIONS = {
    "75": 0.24,
    "71": 0.16,
    "79": 0.12,
    "35": 0.1,
    "19": 0.08,
    "61": 0.08,
    "55": 0.05,
    "63": 0.05,
    "47": 0.06,
    "15": 0.06,
}
RECENT = {"registered": 0.15, "investigation": 0.5, "in_court": 0.25, "convicted": 0.08, "closed": 0.02}
NEW = {"registered": 0.3, "investigation": 0.64, "in_court": 0.06}
OLD = {"convicted": 0.52, "closed": 0.28, "acquitted": 0.04, "in_court": 0.1, "investigation": 0.06}
ROLES = {"exploiter": 0.48, "recruiter_or_intermediary": 0.36, "transporter": 0.1, "abuser": 0.06}
GROUP = {"yes": 0.32, "no": 0.38, "unknown": 0.22, "": 0.08}
SUSPECTS = {0: 0.25, 1: 0.5, 2: 0.17, 3: 0.08}
# proceedings are known up to this day
KNOWN_TO = date(2025, 12, 31)


def crimes(seed: int) -> list[DemoCrime]:
    """Return the crimes of both sources, in the published or assumed number per half-year."""
    rows = []
    for source in ("mia", "pgo"):
        rng = stream(seed, f"crimes-{source}")
        rows += [crime(rng, source, *what) for what in occasions(rng, source)]
    return rows


def occasions(rng: Random, source: str) -> Iterator[tuple[int, date, str, str]]:
    """Yield number in the year, day, offence and region of each crime of a source."""
    minors = programme()["crimes"]["minors"] if source == "pgo" else {}
    for year, halves in programme()["crimes"][source].items():
        days = [
            day(rng, date(int(year), 1 + 6 * half, 1), date(int(year), 6, 30) if half == 0 else date(int(year), 12, 31))
            for half, count in enumerate(halves)
            for _ in range(count)
        ]
        special = set(rng.sample(range(len(days)), minors.get(year, 0)))
        almaty = set(sorted(special)[: minors["almaty_2025"]]) if year == "2025" and minors else set()
        for number, on in enumerate(sorted(days)):
            offence = "kz135" if number in special else pick(rng, OFFENCES[source])
            elsewhere = {k: v for k, v in REGIONS.items() if k != "75"} if number in special else REGIONS
            yield number + 1, on, offence, "75" if number in almaty else pick(rng, elsewhere)


def crime(rng: Random, source: str, number: int, on: date, offence: str, region: str) -> DemoCrime:
    """Return a crime with its suspects and its current stage."""
    stage = pick(rng, OLD if on.year < 2025 else RECENT if on < date(2025, 7, 1) else NEW)
    reached = None if stage == "registered" else min(max(on, KNOWN_TO), on + timedelta(days=rng.randrange(20, 300)))
    suspects = [
        (
            pick(rng, {"male": 0.58, "female": 0.42}),
            [pick(rng, ROLES)],
            pick(rng, GROUP),
            stage if stage != "registered" else "investigation",
        )
        for _ in range(pick(rng, SUSPECTS))
    ]
    return DemoCrime(
        source=source,
        agency=source,
        number=f"DEMO-{on.year}-{number:05d}",
        offence=offence,
        registered_on=on,
        region=region if rng.random() < 0.97 else "",
        stage=stage,
        stage_on=reached,
        suspects=suspects,
    )
