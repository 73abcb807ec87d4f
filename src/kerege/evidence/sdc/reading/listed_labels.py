"""Labels of countries and regions that name one place, as `Czech Republic`, `Czechia` and `Чехия`."""

from __future__ import annotations

from functools import cache

from kerege.evidence.sdc.reading.column_names import folded
from kerege.vocabulary import codes

OTHER_NAMES = {  # names of countries that are no labels of the code list
    "CZ": ("czech republic", "чешская республика"),
    "TR": ("turkey",),
    "MD": ("republic of moldova", "moldova (republic of)", "республика молдова", "молдавия"),
    "RU": ("russian federation", "российская федерация", "рф", "ресей федерациясы"),
    "KZ": ("republic of kazakhstan", "республика казахстан", "рк", "қазақстан республикасы"),
    "KG": ("kyrgyz republic", "кыргызская республика", "киргизия"),
    "BY": ("республика беларусь", "белоруссия"),
    "TM": ("туркмения",),
    "UZ": ("республика узбекистан",),
    "TJ": ("республика таджикистан",),
    "VN": ("viet nam",),
    "LA": ("lao pdr", "lao people's democratic republic"),
    "MM": ("myanmar", "burma", "мьянма"),
    "SY": ("syrian arab republic",),
    "IR": ("iran (islamic republic of)", "islamic republic of iran"),
    "KR": ("republic of korea", "korea, republic of"),
    "KP": ("democratic people's republic of korea", "dprk", "северная корея"),
    "US": ("united states of america", "usa", "сша"),
    "GB": ("united kingdom of great britain and northern ireland", "uk"),
    "TZ": ("united republic of tanzania",),
    "BO": ("bolivia (plurinational state of)",),
    "VE": ("venezuela (bolivarian republic of)",),
    "CI": ("ivory coast", "cote d'ivoire"),
    "SZ": ("swaziland",),
    "MK": ("macedonia", "the former yugoslav republic of macedonia", "republic of north macedonia"),
    "NL": ("the netherlands",),
    "CN": ("people's republic of china", "кнр", "китайская народная республика"),
}


@cache
def place_of(label: str) -> str:
    """Return the code of the country or region that a label names in any language, '' for any other label.

    Examples
    --------
    >>> place_of("Czech Republic") == place_of("Чехия"), place_of("Other")
    (True, '')
    """
    return _places().get(folded(label), "")


@cache
def _places() -> dict[str, str]:
    places: dict[str, str] = {}
    for name in ("region", "country"):
        for code, entry in codes.code_list(name).codes.items():
            places |= {folded(label): f"{name} {code}" for label in entry.labels.values()}
    return places | {name: f"country {code}" for code, names in OTHER_NAMES.items() for name in names}
