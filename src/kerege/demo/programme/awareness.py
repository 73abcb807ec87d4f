"""Hotline contacts and awareness campaigns."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from random import Random

from kerege.demo.programme.draw import day, pick, stream
from kerege.demo.programme.sources import programme
from kerege.demo.programme.world import DemoCampaign, DemoContact
from kerege.vocabulary.languages import BUILT_IN

ALMATY = timezone(timedelta(hours=5))
CHANNELS = {"phone": 0.86, "messenger": 0.11, "web": 0.03}
CALLERS = {"public": 0.68, "relative": 0.2, "victim": 0.08, "agency": 0.04}
TOPICS = {
    "work_abroad": 0.38,
    "legal_advice": 0.22,
    "documents": 0.12,
    "labour_dispute": 0.13,
    "trafficking": 0.06,
    "domestic_violence": 0.02,
    "other": 0.07,
}
OUTCOMES = {"advice": 0.8, "referred_other": 0.09, "referred_ngo": 0.06, "none": 0.04, "referred_police": 0.01}
REGIONS = {
    "61": 0.13,
    "79": 0.1,
    "75": 0.17,
    "71": 0.11,
    "35": 0.09,
    "19": 0.08,
    "15": 0.05,
    "31": 0.05,
    "": 0.1,
    "47": 0.04,
    "63": 0.04,
    "39": 0.04,
}
LANGUAGES = {"ru": 0.52, "kk": 0.38, "uz": 0.08, "ky": 0.02}
MARATHON = (
    "30 шілде: адам саудасына қарсы ақпараттық марафон",
    "30 июля: информационный марафон против торговли людьми",
    "30 July: information marathon against trafficking in persons",
)
THEME = (
    "Адам саудасы – ұйымдасқан қылмыс. Қанауды тоқтатайық",
    "Торговля людьми – организованная преступность. Остановим эксплуатацию",
    "Human Trafficking is Organized Crime - End the Exploitation",
)
SAFE_WORK = ("Қауіпсіз жұмыс және көші-қон", "Безопасная работа и миграция", "Safe work and safe migration")
SCHOOLS = (
    "Мектептегі сабақ: алданып қалма",
    "Урок в школе: не дай себя обмануть",
    "A lesson at school: do not be deceived",
)
BORDER = ("Шекарада жедел желі", "Горячая линия на границе", "The hotline at the border")
MATERIALS = {
    "social_media": ["post", "video"],
    "television": ["video"],
    "radio": ["audio"],
    "print": ["leaflet", "poster"],
    "event": ["leaflet", "card"],
    "school": ["lesson", "presentation"],
}
# titles, agency, audience, channels, region, first day, days, reach, cost in tenge
CAMPAIGNS = [
    (MARATHON, "iom", "general_public", ["social_media", "television"], "", date(2020, 7, 30), 3, 52_000, 1_900_000),
    (SAFE_WORK, "iom", "migrants", ["social_media", "print"], "", date(2021, 7, 1), 31, 7_500, 2_400_000),
    (MARATHON, "ngo-almaty", "general_public", ["event", "social_media"], "75", date(2021, 7, 30), 1, 3_100, 350_000),
    (SCHOOLS, "ngo-shymkent", "students", ["school"], "79", date(2021, 10, 4), 40, 2_240, 280_000),
    (BORDER, "border", "migrants", ["print"], "61", date(2022, 4, 11), 60, 18_500, 900_000),
    (MARATHON, "mlsp", "general_public", ["television", "radio"], "", date(2022, 7, 30), 2, 160_000, 4_100_000),
    (SCHOOLS, "crisis-karaganda", "students", ["school"], "35", date(2022, 11, 7), 30, 1_870, 190_000),
    (SAFE_WORK, "mlsp", "job_seekers", ["social_media", "event"], "", date(2023, 3, 13), 45, 41_000, 3_300_000),
    (MARATHON, "mlsp", "general_public", ["television", "social_media"], "", date(2023, 7, 30), 2, 210_000, 4_600_000),
    (SCHOOLS, "crisis-aktobe", "students", ["school"], "15", date(2023, 10, 2), 30, 1_420, 160_000),
    (BORDER, "border", "migrants", ["print", "event"], "47", date(2024, 5, 6), 50, 22_300, 1_150_000),
    (MARATHON, "mia", "general_public", ["television", "event"], "", date(2024, 7, 30), 3, 265_000, 5_200_000),
    (SCHOOLS, "ngo-aktau", "students", ["school"], "47", date(2024, 9, 16), 35, 1_960, 210_000),
    (SAFE_WORK, "mlsp", "job_seekers", ["social_media"], "", date(2025, 3, 3), 60, 74_000, 3_900_000),
    (THEME, "mia", "general_public", ["television", "radio", "event"], "", date(2025, 7, 21), 14, 410_000, 7_800_000),
    (THEME, "iom", "migrants", ["social_media", "print"], "", date(2025, 7, 28), 10, 38_000, 2_700_000),
    (THEME, "crisis-karaganda", "general_public", ["event"], "35", date(2025, 7, 30), 1, 640, 95_000),
    (SCHOOLS, "ngo-almaty", "students", ["school"], "75", date(2025, 10, 6), 30, 3_350, 320_000),
]


def contacts(seed: int) -> list[DemoContact]:
    """Return all hotline contacts of the years in the programme file."""
    rows = []
    for year, count in programme()["contacts"].items():
        rng = stream(seed, f"contacts-{year}")
        rows += sorted((contact(rng, int(year)) for _ in range(count)), key=lambda row: row.at)
    return rows


def contact(rng: Random, year: int) -> DemoContact:
    """Return one contact; few are about trafficking, and about one in a hundred goes to the police."""
    on = day(rng, date(year, 1, 1), date(year, 12, 31))
    at = datetime(on.year, on.month, on.day, rng.randrange(8, 22), rng.randrange(60), tzinfo=ALMATY)
    topic = pick(rng, TOPICS)
    outcomes = OUTCOMES | (
        {"signal": 0.4, "referred_ngo": 0.3, "referred_police": 0.1} if topic == "trafficking" else {}
    )
    return DemoContact(
        at=at,
        channel=pick(rng, CHANNELS),
        caller=pick(rng, CALLERS),
        topic=topic,
        outcome=pick(rng, outcomes),
        region=pick(rng, REGIONS),
        language=pick(rng, LANGUAGES),
    )


def campaigns() -> list[DemoCampaign]:
    """Return the campaigns.

    Those of 2020, 2021 (reach about 7,500) and the theme of 2025 follow published ones.
    """
    return [campaign(number, *row) for number, row in enumerate(CAMPAIGNS)]


def campaign(
    number: int,
    titles: tuple[str, str, str],
    agency: str,
    audience: str,
    channels: list[str],
    region: str,
    first: date,
    days: int,
    reach: int,
    cost: int,
) -> DemoCampaign:
    """Return a campaign with a round planned reach and cost, which the result sometimes misses or exceeds."""
    factor = (0.8, 1.1, 1.0, 1.35, 0.9)[number % 5]
    return DemoCampaign(
        agency,
        dict(zip(BUILT_IN, titles, strict=True)),
        audience,
        channels,
        region,
        first,
        first + timedelta(days=days - 1),
        reach,
        cost,
        planned_reach=max(500, round(reach * factor / 500) * 500),
        planned_cost=max(50_000, round(cost * (0.95, 1.0, 1.15)[number % 3] / 50_000) * 50_000),
        reach_by_channel=by_channel(reach, channels),
        languages=["kk", "ru", "uz", "ky", "tg"] if audience == "migrants" else ["kk", "ru"],
        materials=sorted({material for channel in channels for material in MATERIALS[channel]}),
    )


def by_channel(reach: int, channels: list[str]) -> dict[str, int]:
    """Split the reach between the channels, with an exact sum.

    Each channel gets two thirds of the remainder, the last channel the rest.
    """
    shares, remainder = {}, reach
    for channel in channels[:-1]:
        shares[channel] = round(remainder * 2 / 3)
        remainder -= shares[channel]
    return shares | {channels[-1]: remainder}
